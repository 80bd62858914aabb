package dev.muster.kernel.store;

/**
 * That an aggregate is another than before, or new, or gone.
 *
 * @param environment whose it is
 * @param kind as {@code job}
 * @param name of the one among its kind
 */
public record Change(String environment, String kind, String name) {}
