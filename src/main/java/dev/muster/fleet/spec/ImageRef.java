package dev.muster.fleet.spec;

import java.util.Optional;

/**
 * An image by a pattern of its name and its owner, by its id, or by a parameter of SSM that holds
 * its id.
 *
 * @param name with {@code *} for any characters, the newest match being used; {@code ami-…}; or
 *     {@code ssm:/…}
 * @param owner an account's number, {@code self} or {@code amazon}; counts for a pattern alone
 */
public record ImageRef(String name, String owner) {
  /** What the name of a parameter begins with here. */
  static final String BY_PARAMETER = "ssm:";

  /** The parameter's name, as {@code /aws/service/…}; empty for an image by name or id. */
  public Optional<String> parameter() {
    return name.startsWith(BY_PARAMETER)
        ? Optional.of(name.substring(BY_PARAMETER.length()))
        : Optional.empty();
  }
}
