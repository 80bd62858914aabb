package dev.muster.kernel.audit;

/**
 * Who acted: {@code muster} itself, a {@code token} by its name, a {@code git} author, a webhook's
 * {@code source}, an {@code agent} by its runner.
 */
public record Actor(String kind, String name) {
  public static final Actor MUSTER = new Actor("muster", "muster");

  public Actor {
    if (kind.isBlank() || name.isBlank()) {
      throw new IllegalArgumentException("An actor has a kind and a name");
    }
  }

  @Override
  public String toString() {
    return kind + ":" + name;
  }
}
