package dev.muster.fleet.spec;

/** A runner's processor architecture. */
public enum Arch {
  ARM64,
  AMD64;

  /** As the config writes it. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
