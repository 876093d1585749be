"""FEEL, the expression language of DMN 1.5 chapter 10: text to syntax tree to compiled function. Runs no Python."""
