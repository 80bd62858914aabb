package dev.muster.fleet.github;

import dev.muster.fleet.job.Homes;
import dev.muster.kernel.queue.WorkKey;
import dev.muster.kernel.reconcile.Outcome;
import dev.muster.kernel.reconcile.SoleReconciler;
import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Facts;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Tx;
import dev.muster.kernel.store.Writer;
import dev.muster.kernel.tracing.Span;
import dev.muster.kernel.tracing.Telemetry;
import dev.muster.kernel.tracing.TraceContext;
import dev.muster.webhook.Delivery;
import dev.muster.webhook.DeliveryInbox;
import dev.muster.webhook.DeliveryStore;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Reads what GitHub delivered and we never recorded: GitHub does not deliver again by itself. The
 * cursor moves only past what is recorded, so nothing is skipped by a crash.
 */
public final class DeliveryCatchUp implements SoleReconciler {
  public static final WorkKey KEY = new WorkKey("catch-up", "deliveries");

  /** Once, and whoever looks for all: what came to this appliance's address while it was away. */
  public static final WorkKey MISSED = new WorkKey("catch-up", "missed");

  private static final Logger log = System.getLogger(DeliveryCatchUp.class.getName());
  private static final Duration INTERVAL = Duration.ofMinutes(3);

  /** GitHub delivers to an address where nobody is. */
  private static final Duration STANDING_IN = Duration.ofSeconds(20);

  /** GitHub keeps deliveries for three days. */
  private static final Duration KEPT = Duration.ofDays(3);

  private static final Set<String> EVENTS = Set.of("workflow_job", "workflow_run", "push");
  private static final String CURSOR = "github.deliveries.cursor";

  /** Since when deliveries may have reached a region that did not tell of them. */
  private static final String DOUBTED_SINCE = "github.deliveries.doubted_since";

  /** Since when this appliance was away; absent when what it missed was looked for. */
  private static final String MISSED_SINCE = "github.deliveries.missed_since";

  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final Telemetry telemetry;
  private final GitHubClient client;
  private final HookDeliveries deliveries;
  private final DeliveryInbox inbox;
  private final Homes homes;

  public DeliveryCatchUp(
      Database database,
      Writer writer,
      InstantSource clock,
      GitHubClient client,
      DeliveryInbox inbox,
      Homes homes,
      Telemetry telemetry) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.client = client;
    this.deliveries = new HookDeliveries(client);
    this.inbox = inbox;
    this.homes = homes;
    this.telemetry = telemetry;
  }

  @Override
  public WorkKey only() {
    return KEY;
  }

  @Override
  public Outcome reconcile(String key, Optional<TraceContext> trace) {
    if (!client.configured()) {
      return new Outcome.Done(); // due again when a config names an App
    }
    if (key.equals(MISSED.name())) {
      database
          .read(read -> Facts.get(read, MISSED_SINCE))
          .ifPresent(since -> missed(Instant.parse(since), trace));
      return new Outcome.Done();
    }
    if (!homes.leads()) {
      return new Outcome.RequeueAfter(INTERVAL); // another region does it for all
    }
    OptionalLong cursor =
        database
            .read(read -> Facts.get(read, CURSOR))
            .map(text -> OptionalLong.of(Long.parseLong(text)))
            .orElseGet(OptionalLong::empty);
    List<HookDeliveries.Entry> entries = deliveries.since(cursor, clock.instant().minus(KEPT));
    recover(entries, doubtedSince(), trace);
    if (!entries.isEmpty()) {
      String last = Long.toString(entries.getLast().id());
      writer.run(Priority.HOUSEKEEPING, tx -> Facts.put(tx, CURSOR, last));
    }
    return new Outcome.RequeueAfter(homes.standsIn() ? STANDING_IN : INTERVAL);
  }

  /** Another region that looks for all may have done so too early, or be silent itself. */
  private void missed(Instant since, Optional<TraceContext> trace) {
    Instant kept = clock.instant().minus(KEPT);
    Instant from = since.isBefore(kept) ? kept : since;
    recover(deliveries.since(OptionalLong.empty(), from), Instant.MAX, trace);
    writer.run(Priority.HOUSEKEEPING, tx -> Facts.remove(tx, MISSED_SINCE));
  }

  /** This appliance was away since {@code since}. */
  public static void missed(Tx tx, Instant since) {
    boolean longer =
        Facts.get(tx, MISSED_SINCE).map(Instant::parse).filter(since::isAfter).isPresent();
    if (!longer) {
      Facts.put(tx, MISSED_SINCE, since.toString());
    }
  }

  /** Where other regions are, what arrived did so at one of them, and is told by it. */
  private Instant doubtedSince() {
    return homes.alone()
        ? Instant.EPOCH
        : database
            .read(read -> Facts.get(read, DOUBTED_SINCE))
            .map(Instant::parse)
            .orElse(Instant.MAX);
  }

  /** What GitHub delivered since {@code since} may have been lost with the region that had it. */
  public static void doubt(Tx tx, Instant since) {
    Facts.put(tx, DOUBTED_SINCE, since.toString());
    Facts.put(tx, CURSOR, "0");
  }

  private void recover(
      List<HookDeliveries.Entry> entries, Instant doubted, Optional<TraceContext> trace) {
    long recovered =
        entries.stream()
            .filter(entry -> !entry.arrived() || !entry.deliveredAt().isBefore(doubted))
            .filter(entry -> recover(entry, trace))
            .count();
    if (recovered > 0) {
      log.log(Level.INFO, "Recovered {0} deliveries that GitHub made and we had missed", recovered);
    }
  }

  private boolean recover(HookDeliveries.Entry entry, Optional<TraceContext> trace) {
    if (!EVENTS.contains(entry.event())
        || database.read(read -> DeliveryStore.known(read, GitHubWebhooks.SOURCE, entry.guid()))) {
      return false;
    }
    Optional<HookDeliveries.Content> content = deliveries.read(entry.id());
    if (content.isEmpty()) {
      return false;
    }
    // Each begins a trace, as at the door: they have nothing in common but that we were away.
    try (Span span =
        telemetry.span("recover delivery").under(Optional.empty()).link(trace).start()) {
      DeliveryStore.Arrival arrival =
          DeliveryStore.Arrival.of(
              new Delivery(
                  GitHubWebhooks.SOURCE,
                  entry.guid(),
                  content.get().event(),
                  content.get().payload(),
                  clock.instant(),
                  span.context()));
      return writer.write(Priority.RECONCILE, tx -> inbox.record(tx, arrival));
    }
  }
}
