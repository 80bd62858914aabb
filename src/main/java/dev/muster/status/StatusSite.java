package dev.muster.status;

import dev.muster.config.ConfigRepository;
import dev.muster.config.InForce;
import dev.muster.fleet.compute.Throttles;
import dev.muster.fleet.github.GitHubSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.kernel.replication.Replication;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Writer;
import dev.muster.status.api.AttentionReader;
import dev.muster.status.api.Changes;
import dev.muster.status.api.CostReader;
import dev.muster.status.api.EnvironmentReader;
import dev.muster.status.api.JobReader;
import dev.muster.status.api.LogReader;
import dev.muster.status.api.PoolReader;
import dev.muster.status.api.Readers;
import dev.muster.status.api.RegionReader;
import dev.muster.status.api.RunnerReader;
import dev.muster.status.api.StatusReader;
import dev.muster.status.api.TraceLinks;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/** Builds everything that the status page, the API and the metrics read from. */
public final class StatusSite implements AutoCloseable {
  private final Readers readers;
  private final Changes changes = new Changes();

  /**
   * Makes no call.
   *
   * @param machines why a pool's runners get the machines that they get, in sentences
   * @param replications by environment, as they are now
   */
  public StatusSite(
      Database database,
      Writer writer,
      InForce inForce,
      ConfigRepository repository,
      StatusReader.Identity identity,
      Function<PoolSpec, List<String>> machines,
      Throttles throttles,
      Supplier<Map<String, Replication>> replications,
      TraceLinks traces,
      InstantSource clock) {
    PoolReader pools = new PoolReader(database, inForce.section(FleetSpec.class), machines, clock);
    this.readers =
        new Readers(
            new StatusReader(
                database,
                identity,
                repository,
                pools,
                new AttentionReader(writer::failing, throttles),
                () -> sandbox(inForce.section(GitHubSpec.class).get()),
                clock),
            new JobReader(database, clock, traces),
            new RunnerReader(database),
            pools,
            new LogReader(database, repository.source()),
            new CostReader(database, clock),
            new RegionReader(database, identity.region(), replications),
            new EnvironmentReader(database, inForce.section(FleetSpec.class), clock));
  }

  /** What the pages and the API read from. */
  public Readers readers() {
    return readers;
  }

  /** To be told of commits. */
  public Changes changes() {
    return changes;
  }

  /** Lets go whoever is looking. */
  @Override
  public void close() {
    changes.close();
  }

  /** GitHub never runs on this machine itself: an API here is a stand-in. */
  private static boolean sandbox(Optional<GitHubSpec> github) {
    return github.map(GitHubSpec::apiUrl).map(StatusSite::loopback).orElse(false);
  }

  private static boolean loopback(URI url) {
    String host = url.getHost();
    if (host == null || !host.matches("localhost|\\[.*]|[0-9.]+")) {
      return false; // a name elsewhere is never looked up just to show the page
    }
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
