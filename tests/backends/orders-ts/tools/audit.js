/** Looks every package of the lock up in a folder of advisories (OSV records of npm packages). */

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import semver from "semver";

const SEVERITIES = ["critical", "high", "moderate", "low", "unknown"];
const MODULES = "node_modules/";

function packagesOf(lock) {
  const { lockfileVersion, packages } = JSON.parse(readFileSync(lock, "utf8"));
  if (lockfileVersion !== 3) {
    throw new Error(`${lock} is of version ${lockfileVersion}, and 3 is read`);
  }
  const installed = Object.entries(packages).filter(([path]) => path !== "");
  return installed.map(([path, { name, version, integrity }]) => {
    if (semver.valid(version) === null || integrity === undefined) {
      throw new Error(`${path} has no released version, or nothing to know it by`);
    }
    return { name: name ?? path.slice(path.lastIndexOf(MODULES) + MODULES.length), version };
  });
}

function advisoriesIn(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const records = names.map((name) => JSON.parse(readFileSync(`${folder}/${name}`, "utf8")));
  return records.filter((record) => record.withdrawn === undefined);
}

function isIn(version, events) {
  const reached = events.filter((event) => {
    const [at] = Object.values(event);
    return at === "0" || semver.gte(version, at);
  });
  const last = reached.at(-1);
  return last !== undefined && ("introduced" in last || last.last_affected === version);
}

function isAbout(advisory, { name, version }) {
  return advisory.affected.some(
    (affected) =>
      affected.package.ecosystem === "npm" &&
      affected.package.name === name &&
      (affected.versions?.includes(version) ||
        affected.ranges?.some((range) => isIn(version, range.events))),
  );
}

function severityOf(advisory) {
  const word = String(advisory.database_specific?.severity ?? "").toLowerCase();
  return SEVERITIES.includes(word) ? word : "unknown";
}

/** A package that an advisory is about by its own words: what the search must find. */
function plantedFor({ affected: [of] }) {
  const first = of.versions?.[0] ?? of.ranges[0].events[0].introduced;
  return { name: of.package.name, version: first === "0" ? "0.0.0" : first };
}

/** Everything that the gate asks: how much was looked up, in how much, and what was found. */
function audit(lock, folder) {
  const packages = packagesOf(lock);
  const advisories = advisoriesIn(folder);
  const blind = advisories.filter((advisory) => !isAbout(advisory, plantedFor(advisory)));
  if (blind.length > 0) {
    throw new Error(`${blind.map(({ id }) => id).join(", ")}: nothing could be found by it`);
  }
  const found = packages.flatMap((each) =>
    advisories.filter((one) => isAbout(one, each)).map((advisory) => ({ advisory, each })),
  );
  const counts = Object.fromEntries(SEVERITIES.map((severity) => [severity, 0]));
  for (const { advisory } of found) {
    counts[severityOf(advisory)] += 1;
  }
  return {
    packages: packages.length,
    advisories: advisories.length,
    ...counts,
    found: found.map(({ advisory, each }) => `${advisory.id}: ${each.name} ${each.version}`),
  };
}

try {
  process.stdout.write(JSON.stringify(audit(process.argv[2], process.argv[3])));
} catch (error) {
  process.stderr.write(`audit: ${error.message}\n`);
  process.exitCode = 2;
}
