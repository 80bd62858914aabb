package dev.muster.fleet.compute;

import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.notice.Finding;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes and unmakes machines. Every call has a timeout and may be repeated: what was done already
 * is left as it is.
 *
 * <p>Failures that time may mend are {@link dev.muster.kernel.reconcile.TransientException}s; what
 * only another permission or config mends is a {@link
 * dev.muster.kernel.reconcile.StalledException}.
 */
public interface ComputeProvider {
  /** As the config names it: {@code ec2}, {@code local}. */
  String name();

  /** Whether a machine can be stopped and started again later. */
  boolean stoppable();

  /**
   * Makes {@code request.count()} machines, or as many as there is room for. Calling again with the
   * same launch gives the same machines.
   *
   * @param secret with which the machines enrol; not part of the request, which is stored
   */
  LaunchResult launch(LaunchRequest request, String secret) throws InterruptedException;

  /** What the agent on a machine starts for each job. */
  List<String> command(RunnerSpec spec);

  /**
   * Starts stopped machines; those that are gone are skipped.
   *
   * @return those that there is no room for now, each with the reason; they stay stopped
   */
  Map<String, String> start(String region, Collection<String> instances)
      throws InterruptedException;

  /** Stops machines, to be started again; those that are gone are skipped. */
  void stop(String region, Collection<String> instances) throws InterruptedException;

  /** Ends machines for good; those that are gone are skipped. */
  void terminate(String region, Collection<String> instances) throws InterruptedException;

  /**
   * Every machine of this appliance in a region that is not gone. Eventually consistent: one that
   * was just made may be missing, so absence is believed only when it lasts. Where machines are in
   * several accounts, one that does not answer hides its own alone.
   */
  Listing list(String region) throws InterruptedException;

  /**
   * Why a spec gets the machines that it gets in a region, in sentences; without asking the
   * provider. Empty where there is nothing to choose.
   */
  default List<String> explain(String region, RunnerSpec spec) {
    return List.of();
  }

  /**
   * Looks whether pools can be served, without making anything: permissions, images, networks.
   *
   * @param pools those that are served by this provider
   */
  default List<Finding> examine(List<PoolSpec> pools) throws InterruptedException {
    return List.of();
  }

  /**
   * What an offer costs now; empty where that is not known.
   *
   * @param offer as it was bought
   */
  default Optional<HourlyPrice> price(String region, Offer offer, Os os)
      throws InterruptedException {
    return Optional.empty();
  }

  /**
   * What one machine of a spec costs on demand, as warm ones are; without asking the provider.
   * Empty where that is not known.
   */
  default Optional<HourlyPrice> price(String region, RunnerSpec spec) {
    return Optional.empty();
  }
}
