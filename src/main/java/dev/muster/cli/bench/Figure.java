package dev.muster.cli.bench;

/**
 * One measured figure.
 *
 * @param bar what it must reach, in words
 * @param limit the machine's own, from the same run; empty where there is none
 */
public record Figure(String what, String measured, String bar, String limit) {}
