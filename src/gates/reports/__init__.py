"""Reports: renderings of a run, one file a format; none of them decides anything."""
