package dev.muster.kernel.queue;

/**
 * What is to be reconciled: the reconciler's kind and the object's name, as {@code pool/default}.
 */
public record WorkKey(String kind, String name) {
  public WorkKey {
    if (kind.isBlank() || name.isBlank()) {
      throw new IllegalArgumentException("A key has a kind and a name");
    }
  }

  @Override
  public String toString() {
    return kind + "/" + name;
  }
}
