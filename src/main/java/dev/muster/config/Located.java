package dev.muster.config;

/** A value with its place, for checks that come after reading. */
public record Located<T>(T value, Place place) {}
