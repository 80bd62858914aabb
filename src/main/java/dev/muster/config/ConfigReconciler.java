package dev.muster.config;

import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.SoleReconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.TraceContext;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Puts the newest acceptable commit in force. A rejected one leaves the config in force as it is;
 * the last good one survives a restart and a remote that cannot be reached.
 */
public final class ConfigReconciler implements SoleReconciler {
  /** The one key of this kind. */
  public static final WorkKey KEY = new WorkKey("config", "head");

  /** How often a remote is asked. */
  static final Duration ASK = Duration.ofSeconds(30);

  private static final Logger log = System.getLogger(ConfigReconciler.class.getName());

  private final Database database;
  private final Writer writer;
  private final AuditLog audit;
  private final InstantSource clock;
  private final ConfigRepository repository;
  private final ConfigLoader loader;
  private final InForce inForce;
  private final ChangeSummary changes;
  private final List<Activation> activations;

  public ConfigReconciler(
      Database database,
      Writer writer,
      AuditLog audit,
      InstantSource clock,
      ConfigRepository repository,
      ConfigLoader loader,
      InForce inForce,
      ChangeSummary changes,
      List<Activation> activations) {
    this.database = database;
    this.writer = writer;
    this.audit = audit;
    this.clock = clock;
    this.repository = repository;
    this.loader = loader;
    this.inForce = inForce;
    this.changes = changes;
    this.activations = List.copyOf(activations);
  }

  @Override
  public WorkKey only() {
    return KEY;
  }

  @Override
  public int concurrency() {
    return 1;
  }

  /** Puts the config that was in force at the last stop back in force, whatever the remote does. */
  public void restore() {
    Optional<RevisionStore.Decided> decided = database.read(RevisionStore::inForce);
    Optional<ConfigTree> tree = database.read(RevisionStore::treeInForce);
    if (decided.isEmpty() || tree.isEmpty()) {
      return;
    }
    switch (loader.load(decided.get().revision(), tree.get())) {
      case LoadResult.Accepted(Snapshot snapshot, List<Problem> warnings) -> inForce.set(snapshot);
      case LoadResult.Rejected(Revision revision, List<Problem> problems) ->
          log.log(
              Level.ERROR,
              "The config {0} that was in force is not valid for this version: {1}",
              revision.brief(),
              problems.getFirst());
    }
  }

  @Override
  public Outcome reconcile(String key, Optional<TraceContext> trace) {
    Optional<String> head = repository.head();
    if (head.isPresent() && !decided(head.get())) {
      ConfigRepository.Commit commit = repository.read(head.get());
      decide(commit);
    }
    return repository.remote() ? new Outcome.RequeueAfter(ASK) : new Outcome.Done();
  }

  /** Whether the newest decision is about this very commit, and still holds. */
  private boolean decided(String head) {
    Optional<RevisionStore.Decided> last =
        database.read(read -> RevisionStore.newest(read, 1)).stream().findFirst();
    boolean loaded = inForce.get().map(s -> s.revision().id().equals(head)).orElse(false);
    return last.map(d -> d.revision().id().equals(head) && (!d.accepted() || loaded)).orElse(false);
  }

  private void decide(ConfigRepository.Commit commit) {
    Instant now = clock.instant();
    switch (loader.load(commit.revision(), commit.tree())) {
      case LoadResult.Accepted(Snapshot snapshot, List<Problem> warnings) -> {
        List<String> changed = changes.lines(inForce.get(), snapshot);
        // In force before the keys become due, so that no reconcile sees the old one.
        Optional<Snapshot> before = inForce.get();
        inForce.set(snapshot);
        try {
          writer.run(Priority.RECONCILE, tx -> activate(tx, commit, snapshot, changed, now));
        } catch (RuntimeException e) {
          before.ifPresent(inForce::set);
          throw e;
        }
        log.log(
            Level.INFO,
            "Config {0} by {1} is in force: {2}",
            commit.revision().brief(),
            commit.revision().author(),
            changed.isEmpty() ? "nothing changes" : changed.size() + " changes");
      }
      case LoadResult.Rejected(Revision revision, List<Problem> problems) -> {
        writer.run(
            Priority.RECONCILE,
            tx -> {
              RevisionStore.rejected(tx, revision, problems, now);
              audit.add(
                  tx,
                  new Actor("commit", revision.author()),
                  "config.rejected",
                  revision.id(),
                  problems.size() + " problems; " + problems.getFirst());
            });
        log.log(
            Level.WARNING,
            "Config {0} by {1} is rejected: {2}",
            revision.brief(),
            revision.author(),
            problems.getFirst());
      }
    }
  }

  private void activate(
      Tx tx, ConfigRepository.Commit commit, Snapshot snapshot, List<String> changed, Instant now) {
    Revision revision = commit.revision();
    RevisionStore.accepted(tx, revision, commit.tree(), now);
    audit.add(
        tx,
        new Actor("commit", revision.author()),
        "config.accepted",
        revision.id(),
        changed.isEmpty() ? "nothing changes" : String.join("; ", changed));
    activations.forEach(a -> a.activated(tx, snapshot));
  }
}
