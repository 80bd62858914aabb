package dev.muster.fleet.spec;

/** A runner's operating system. */
public enum Os {
  LINUX,
  WINDOWS;

  /** As the config writes it. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
