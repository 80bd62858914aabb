package dev.muster.fleet.compute;

import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.reconcile.StalledException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** The providers there are; each is built when the first runner needs it. */
public final class Compute {
  private final Map<Provider, Supplier<ComputeProvider>> providers;
  private final Map<Provider, ComputeProvider> built = new ConcurrentHashMap<>();

  public Compute(Map<Provider, Supplier<ComputeProvider>> providers) {
    this.providers = Map.copyOf(providers);
  }

  public ComputeProvider provider(String name) {
    for (Map.Entry<Provider, Supplier<ComputeProvider>> entry : providers.entrySet()) {
      if (entry.getKey().word().equals(name)) {
        return built.computeIfAbsent(entry.getKey(), key -> entry.getValue().get());
      }
    }
    throw new StalledException(
        "This version has no provider '" + name + "': use a runner with another provider", null);
  }
}
