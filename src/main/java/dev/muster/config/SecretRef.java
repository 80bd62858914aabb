package dev.muster.config;

/** The name of a secret; its value is looked up when it is needed and kept nowhere. */
public record SecretRef(String name) {
  public SecretRef {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")) {
      throw new IllegalArgumentException(
          "A secret's name has letters, digits, '-', '_' and '.', at most 100: " + name);
    }
  }
}
