package dev.muster.config.aws;

import dev.muster.config.SecretRef;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** A store in memory, which counts its calls. */
final class FakeStore implements SecretStore {
  final Map<String, String> values = new HashMap<>();
  final Deque<RuntimeException> nextErrors = new ArrayDeque<>();
  final CountDownLatch asked = new CountDownLatch(1);
  CountDownLatch hold = new CountDownLatch(0);
  private final String name;
  private int calls;

  FakeStore(String name) {
    this.name = name;
  }

  synchronized int calls() {
    return calls;
  }

  @Override
  public String place(SecretRef ref) {
    return name + " " + ref.name();
  }

  @Override
  public Optional<String> read(SecretRef ref) {
    synchronized (this) {
      calls++;
    }
    asked.countDown();
    try {
      hold.await();
    } catch (InterruptedException e) {
      throw new AssertionError("a reading was interrupted", e);
    }
    RuntimeException error = nextErrors.poll();
    if (error != null) {
      throw error;
    }
    return Optional.ofNullable(values.get(ref.name()));
  }
}
