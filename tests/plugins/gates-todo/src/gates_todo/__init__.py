"""A stage for gates that counts TODO comments, and the program that it runs."""
