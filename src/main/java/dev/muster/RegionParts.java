package dev.muster;

import dev.muster.config.Activation;
import dev.muster.config.CoreSpec;
import dev.muster.config.InForce;
import dev.muster.config.Snapshot;
import dev.muster.fleet.compute.ec2.Ec2Records;
import dev.muster.fleet.github.GitHubClient;
import dev.muster.fleet.job.JobPlacement;
import dev.muster.fleet.region.ConfigReplicas;
import dev.muster.fleet.region.CostReplica;
import dev.muster.fleet.region.IdentityReplica;
import dev.muster.fleet.region.JobReplica;
import dev.muster.fleet.region.RegionalDuties;
import dev.muster.fleet.region.RegionalJobs;
import dev.muster.fleet.region.RerunReplica;
import dev.muster.fleet.region.RunnerReplica;
import dev.muster.fleet.region.TakeoverReconciler;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.aws.AwsAccess;
import dev.muster.kernel.home.Settings;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.replication.HealthProbe;
import dev.muster.kernel.replication.Outbox;
import dev.muster.kernel.replication.RegionLease;
import dev.muster.kernel.replication.ReplicatedKind;
import dev.muster.kernel.replication.Replication;
import dev.muster.kernel.replication.Replications;
import dev.muster.kernel.replication.Replicator;
import dev.muster.kernel.replication.SharedTable;
import dev.muster.kernel.replication.Succession;
import dev.muster.kernel.replication.Takeovers;
import dev.muster.kernel.replication.aws.DynamoDbTables;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** What appliances of several regions have to do with each other, composed. */
public final class RegionParts implements Activation, AutoCloseable {
  /** Opens the table that an environment names. */
  private interface TableMaker {
    SharedTable open(Replications.Wish wish);
  }

  private final Kernel kernel;
  private final String region;
  private final String version;
  private final String holder;
  private final InForce inForce;
  private final Supplier<String> address;
  private final Optional<TableMaker> tables;
  private final IdentityReplica identity = new IdentityReplica(Ec2Records.APPLIANCE);
  private final HealthProbe probe = new HealthProbe();
  private final Outbox outbox;
  private final Replications replications;
  private volatile @Nullable RegionalJobs jobs;

  /**
   * Starts nothing.
   *
   * @param address how peers reach this appliance
   */
  RegionParts(
      Kernel kernel,
      Settings settings,
      String version,
      InForce inForce,
      AwsAccess aws,
      Supplier<String> address)
      throws IOException {
    this.kernel = kernel;
    this.region = settings.region();
    this.version = version;
    this.holder = holder(kernel.home().key());
    this.inForce = inForce;
    this.address = address;
    this.tables =
        settings
            .awsRegion()
            .map(name -> wish -> DynamoDbTables.open(aws, name, wish.tables(), wish.role()));
    this.outbox = new Outbox(kernel.clock());
    this.replications = new Replications(this::make);
    kernel.writer().changesTo(outbox);
  }

  /** The home is known by its key, which no backup has, and which nobody learns from this. */
  private static String holder(byte[] key) {
    MessageDigest sha = DigestUtils.getSha256Digest();
    DigestUtils.updateDigest(sha, "holder of a region");
    return HexFormat.of().formatHex(sha.digest(key), 0, 8);
  }

  Replications replications() {
    return replications;
  }

  String region() {
    return region;
  }

  /**
   * Begins with the config in force; another follows by {@link #activated}.
   *
   * @param regional brings jobs together with what others told of them
   */
  void start(RegionalJobs regional) {
    jobs = regional;
    inForce.get().ifPresent(this::want);
  }

  @Override
  public void activated(Tx tx, Snapshot snapshot) {
    List<String> without =
        tables.isPresent() ? List.of() : List.copyOf(new TreeSet<>(wishes(snapshot).keySet()));
    if (without.isEmpty()) {
      Notices.settle(tx, "replication-region");
      tx.afterCommit(() -> want(snapshot));
    } else {
      Notices.raise(
          tx,
          new Notices.Notice(
              "replication-region",
              Notices.Severity.WARNING,
              kernel.clock().instant(),
              "Environments %s name tables, and this appliance's region is '%s', which is none of AWS: nothing is written there. Set region in muster.properties"
                  .formatted(without, region)));
    }
  }

  private void want(Snapshot snapshot) {
    if (tables.isPresent()) {
      replications.want(wishes(snapshot));
    }
  }

  private static Map<String, Replications.Wish> wishes(Snapshot snapshot) {
    Map<String, Succession.Rule> rules = new HashMap<>();
    snapshot
        .get(CoreSpec.class)
        .failover()
        .forEach((region, failover) ->
            failover
                .after()
                .ifPresent(after -> rules.put(region, new Succession.Rule(failover.to(), after))));
    Map<String, Replications.Wish> wishes = new HashMap<>();
    for (EnvironmentSpec environment : snapshot.get(FleetSpec.class).environments().values()) {
      environment
          .tables()
          .ifPresent(prefix ->
              wishes.put(
                  environment.name(),
                  new Replications.Wish(
                      environment.name(), prefix, environment.accountRole(), rules)));
    }
    return wishes;
  }

  private Replication make(Replications.Wish wish) {
    kernel.writer().run(Priority.RECONCILE, identity::make);
    SharedTable table = tables.orElseThrow().open(wish);
    RegionLease lease =
        new RegionLease(
            new RegionLease.Self(region, holder, address.get(), version),
            table,
            kernel.clock(),
            wish.rules(),
            probe,
            this::news,
            kernel.database().read(read -> Takeovers.open(read, wish.environment())));
    Replicator replicator =
        new Replicator(
            wish.environment(),
            kernel.database(),
            kernel.writer(),
            kernel.clock(),
            table,
            lease,
            kernel.telemetry(),
            kinds());
    return new Replication(
        wish.environment(),
        kernel.database(),
        kernel.writer(),
        kernel.clock(),
        outbox,
        table,
        lease,
        replicator,
        new RegionalDuties(
            kernel.queue(),
            kernel.audit(),
            kernel.clock(),
            inForce.section(FleetSpec.class),
            environment -> Objects.requireNonNull(jobs, "started").bringTogether(environment),
            replications::renew));
  }

  private RegionLease.News news() {
    return new RegionLease.News(
        inForce.get().map(snapshot -> snapshot.revision().id()),
        kernel.database().read(AuditLog::head));
  }

  private List<ReplicatedKind> kinds() {
    List<ReplicatedKind> kinds =
        new ArrayList<>(ConfigReplicas.all(inForce.section(FleetSpec.class)));
    Supplier<Duration> kept =
        () ->
            inForce
                .section(CoreSpec.class)
                .get()
                .map(CoreSpec::retention)
                .orElse(CoreSpec.Retention.STANDARD)
                .jobs();
    kinds.add(new JobReplica(region, kernel.queue(), kernel.clock(), kept));
    kinds.add(new RunnerReplica());
    kinds.add(new RerunReplica());
    kinds.add(new CostReplica(kernel.queue(), kernel.clock()));
    kinds.add(identity);
    return kinds;
  }

  /** What takes a silent region's work over. */
  TakeoverReconciler takeovers(GitHubClient client, JobPlacement placement) {
    return new TakeoverReconciler(
        kernel.database(),
        kernel.writer(),
        kernel.queue(),
        kernel.audit(),
        kernel.clock(),
        client,
        placement);
  }

  @Override
  public void close() {
    replications.close();
    probe.close();
  }
}
