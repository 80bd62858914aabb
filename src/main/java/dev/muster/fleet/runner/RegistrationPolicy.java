package dev.muster.fleet.runner;

import dev.muster.fleet.spec.RunnerSpec;
import java.util.Optional;

/** What the config in force says about registering a runner. */
public interface RegistrationPolicy {
  /** The runner group of the runner's environment; empty for the job's repository. */
  Optional<String> runnerGroup(Runner runner);

  /** The runner's spec; empty when the config no longer has it. */
  Optional<RunnerSpec> spec(Runner runner);
}
