package dev.muster.fleet.spec;

/** Whether spot capacity may serve a cold launch. */
public enum Spot {
  PREFERRED,
  ONLY,
  NEVER;

  /** As the config writes it. */
  public String word() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
