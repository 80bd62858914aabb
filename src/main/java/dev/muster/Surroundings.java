package dev.muster;

import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.local.AgentCommand;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.clock.Timers;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Writer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What the world gives an appliance; tests give their own.
 *
 * @param environment variables, for secrets
 * @param providers in place of its own
 * @param agentFiles the folder of the agents that come along; empty where there is none
 */
public record Surroundings(
    InstantSource clock,
    Timers timers,
    RandomGenerator random,
    Map<String, String> environment,
    AgentCommand agent,
    String version,
    Map<Provider, ProviderMaker> providers,
    Optional<Path> agentFiles) {
  public Surroundings {
    environment = Map.copyOf(environment);
    providers = Map.copyOf(providers);
  }

  /** Without agents' files. */
  public Surroundings(
      InstantSource clock,
      Timers timers,
      RandomGenerator random,
      Map<String, String> environment,
      AgentCommand agent,
      String version,
      Map<Provider, ProviderMaker> providers) {
    this(clock, timers, random, environment, agent, version, providers, Optional.empty());
  }

  /** Makes a provider from what the appliance has; asked when the first runner needs it. */
  public interface ProviderMaker {
    ComputeProvider make(Supplier<Optional<FleetSpec>> fleet, Database database, Writer writer);
  }
}
