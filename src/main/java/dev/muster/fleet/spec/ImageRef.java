package dev.muster.fleet.spec;

/**
 * An image by a pattern of its name and its owner.
 *
 * @param name with {@code *} for any characters; the newest match is used
 * @param owner an account's number, {@code self} or {@code amazon}
 */
public record ImageRef(String name, String owner) {}
