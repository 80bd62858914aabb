package dev.muster.fleet.github;

import java.util.regex.Pattern;

/** A repository's full name. It becomes part of addresses, so nothing else passes. */
record Repository(String owner, String name) {
  private static final Pattern PART = Pattern.compile("(?!\\.\\.?$)[A-Za-z0-9_.-]{1,100}");

  Repository {
    if (!PART.matcher(owner).matches() || !PART.matcher(name).matches()) {
      throw new IllegalArgumentException("Not a repository's name, OWNER/NAME");
    }
  }

  /**
   * @throws IllegalArgumentException when it is not {@code owner/name}
   */
  static Repository of(String fullName) {
    int slash = fullName.indexOf('/');
    return slash < 0
        ? new Repository("", "")
        : new Repository(fullName.substring(0, slash), fullName.substring(slash + 1));
  }

  @Override
  public String toString() {
    return owner + "/" + name;
  }
}
