package dev.muster.cli.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/**
 * One of several appliances that take turns with the same deliveries, and what those came to. A
 * turn is over when all that the deliveries led to is done: it would else slow the next one down.
 */
final class Side {
  private static final int CONNECTIONS = 64;

  private final ApplianceProcess appliance;
  private final Deliveries deliveries;
  private final List<Double> perSecond = new ArrayList<>();
  private final List<Long> micros = new ArrayList<>();
  private long sent;

  Side(ApplianceProcess appliance, LongFunction<byte[]> bodies) {
    this(appliance, new Deliveries(appliance.publicUrl(), BenchHome.SECRET, bodies), 0);
  }

  private Side(ApplianceProcess appliance, Deliveries deliveries, long sent) {
    this.appliance = appliance;
    this.deliveries = deliveries;
    this.sent = sent;
  }

  /** The same appliance for turns of another kind. */
  Side next() {
    return new Side(appliance, deliveries, sent);
  }

  static void warmUp(Bench bench, List<Side> sides, int deliveries) throws InterruptedException {
    bench.say("sending " + deliveries + " deliveries to each");
    for (Side side : sides) {
      side.deliveries.send(side.sent, deliveries, CONNECTIONS);
      side.sent += deliveries;
      side.appliance.awaitRest();
    }
  }

  /** Each gets so many deliveries in each of its turns. */
  static void takeTurns(Bench bench, List<Side> sides, int turns, int deliveries)
      throws IOException, InterruptedException {
    for (int i = 0; i < turns; i++) {
      bench.say("turn %d of %d, %d deliveries to each".formatted(i + 1, turns, deliveries));
      // Who comes first changes, as the machine is not the same for long.
      for (int j = 0; j < sides.size(); j++) {
        sides.get((i + j) % sides.size()).turn(deliveries);
      }
    }
  }

  private void turn(int count) throws IOException, InterruptedException {
    Duration before = appliance.processorTime();
    perSecond.add(deliveries.sendPrepared(sent, count, CONNECTIONS).perSecond());
    sent += count;
    appliance.awaitRest();
    micros.add(appliance.processorTime().minus(before).dividedBy(count).toNanos() / 1_000);
  }

  double medianPerSecond() {
    return median(perSecond);
  }

  long medianMicros() {
    return median(micros);
  }

  private static <T extends Comparable<T>> T median(List<T> all) {
    return all.stream().sorted().toList().get(all.size() / 2);
  }

  long residentMebibytes() throws IOException {
    return appliance.residentMebibytes();
  }

  long sent() {
    return sent;
  }

  /**
   * What it did, and that as a share of another's in the same turns: the median, and from what to
   * what.
   */
  String against(Side other) {
    List<Double> shares =
        IntStream.range(0, perSecond.size())
            .mapToObj(turn -> perSecond.get(turn) / other.perSecond.get(turn))
            .toList();
    return String.format(
        Locale.ROOT,
        "%,.0f (%.2f: %.2f to %.2f)",
        medianPerSecond(),
        median(shares),
        Collections.min(shares),
        Collections.max(shares));
  }
}
