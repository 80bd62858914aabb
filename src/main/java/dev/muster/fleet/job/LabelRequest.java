package dev.muster.fleet.job;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.Range;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a job's marker label asks for; empty where it says nothing.
 *
 * @param cpu in vCPU
 * @param ram in GiB
 * @param spot true prefers spot capacity, false forbids it
 */
public record LabelRequest(
    Optional<String> runner,
    Optional<Range> cpu,
    Optional<Range> ram,
    List<String> families,
    Optional<Arch> arch,
    Optional<Os> os,
    OptionalInt generation,
    OptionalInt disk,
    Optional<String> image,
    Optional<String> pool,
    Optional<Boolean> spot,
    Optional<String> region,
    Optional<String> environment,
    Optional<Boolean> privateSubnet,
    Optional<Duration> maxRuntime) {
  public LabelRequest {
    families = List.copyOf(families);
  }
}
