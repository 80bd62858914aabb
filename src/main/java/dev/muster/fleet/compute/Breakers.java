package dev.muster.fleet.compute;

import dev.muster.kernel.store.Database;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The breakers of one provider: what they say, and what they learn. */
public final class Breakers {
  private final Database database;
  private final Writer writer;
  private final InstantSource clock;
  private final String provider;

  public Breakers(Database database, Writer writer, InstantSource clock, String provider) {
    this.database = database;
    this.writer = writer;
    this.clock = clock;
    this.provider = provider;
  }

  /** What a launch met with: which offers gave machines, and which had none and why. */
  public record Outcome(Collection<Offer> made, Map<Offer, String> missing) {}

  /** Which offers of a region a launch should leave out now. */
  public Predicate<Offer> shut(String region) {
    Map<Offer, Breaker> known = of(region);
    return offer -> !known.getOrDefault(offer, Breaker.CLOSED).allows(clock.instant());
  }

  /** These are asked for now: where that is a probe, others wait for what becomes of it. */
  public void asked(String region, Collection<Offer> offers) {
    Map<Offer, Breaker> known = of(region);
    Map<Offer, Breaker> probed = new HashMap<>();
    for (Offer offer : offers) {
      Breaker breaker = known.getOrDefault(offer, Breaker.CLOSED);
      if (breaker.probing(clock.instant())) {
        probed.put(offer, breaker.probed(clock.instant()));
      }
    }
    store(region, probed);
  }

  /** A launch was answered. */
  public void answered(String region, Outcome outcome) {
    Map<Offer, Breaker> known = of(region);
    Map<Offer, Breaker> changed = new HashMap<>();
    for (Offer offer : outcome.made()) {
      Breaker before = known.getOrDefault(offer, Breaker.CLOSED);
      if (before.openedAt().isPresent()) {
        changed.put(offer, before.succeeded());
      }
    }
    outcome
        .missing()
        .forEach((offer, why) ->
            changed.put(
                offer, known.getOrDefault(offer, Breaker.CLOSED).failed(clock.instant(), why)));
    store(region, changed);
  }

  /** A machine was taken back. */
  public void interrupted(String region, Offer offer) {
    change(region, offer, breaker -> breaker.interrupted(clock.instant()));
  }

  private void change(String region, Offer offer, Function<Breaker, Breaker> change) {
    Breaker before = of(region).getOrDefault(offer, Breaker.CLOSED);
    store(region, Map.of(offer, change.apply(before)));
  }

  private Map<Offer, Breaker> of(String region) {
    return database.read(read -> BreakerStore.all(read, provider, region)).stream()
        .collect(Collectors.toMap(BreakerStore.Known::offer, BreakerStore.Known::breaker));
  }

  private void store(String region, Map<Offer, Breaker> changed) {
    if (changed.isEmpty()) {
      return;
    }
    List<BreakerStore.Known> rows =
        changed.entrySet().stream()
            .map(e -> new BreakerStore.Known(provider, region, e.getKey(), e.getValue()))
            .toList();
    writer.run(
        Priority.RECONCILE,
        tx -> rows.forEach(row -> BreakerStore.store(tx, row, clock.instant())));
  }
}
