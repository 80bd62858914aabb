package dev.muster.kernel.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.clock.VirtualTime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * Random schedules of everything that can happen to three regions, over the real replicators and
 * leases with a virtual clock.
 */
class RegionsModelTest {
  private static final List<String> REGIONS = List.of("east", "north", "west");
  private static final Duration AFTER = Duration.ofSeconds(90);

  /** The regions, and what they must never forget. */
  private static final class World implements AutoCloseable {
    final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
    final GlobalTable table = new GlobalTable();
    final Path folder;
    final Random random;
    final Map<String, RegionFixture> living = new TreeMap<>();

    /** What each region was told is stored, by counter. */
    final Map<String, Map<String, Long>> acknowledged = new HashMap<>();

    final List<String> history = new ArrayList<>();

    World(long seed) {
      random = new Random(seed);
      try {
        folder = Files.createTempDirectory("regions");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      for (String region : REGIONS) {
        table.in(region);
      }
      REGIONS.forEach(this::start);
    }

    private Map<String, Long> acknowledged(String region) {
      return acknowledged.computeIfAbsent(region, r -> new TreeMap<>());
    }

    void start(String region) {
      Map<String, Succession.Rule> rules = new HashMap<>();
      for (String one : REGIONS) {
        rules.put(
            one, new Succession.Rule(REGIONS.stream().filter(o -> !o.equals(one)).toList(), AFTER));
      }
      RegionFixture fixture =
          new RegionFixture(
              region,
              region,
              folder.resolve(region),
              table.in(region),
              time,
              rules,
              address -> living.containsKey(address.substring("http://".length())));
      living.put(region, fixture.begin());
    }

    void step() {
      String region = REGIONS.get(random.nextInt(REGIONS.size()));
      RegionFixture one = living.get(region);
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> {
          if (one != null) {
            String name = "n" + random.nextInt(4);
            one.raise(name);
            acknowledged(region).merge(name, 1L, Long::sum);
            history.add(region + " writes " + name);
          }
        }
        case 3, 4 -> {
          if (one != null) {
            one.send();
            history.add(region + " sends");
          }
        }
        case 5, 6 -> {
          table.move(1 + random.nextInt(6), random);
          history.add("some moves");
        }
        case 7 -> {
          if (one != null) {
            one.take();
            history.add(region + " takes");
          }
        }
        case 8 -> {
          if (random.nextBoolean()) {
            table.cut(region);
            history.add(region + " is cut off");
          } else {
            table.join(region);
            history.add(region + " is joined");
          }
        }
        case 9 -> {
          if (one != null && random.nextInt(3) == 0) {
            one.close();
            living.remove(region);
            history.add(region + " crashes");
          } else if (one == null) {
            start(region);
            history.add(region + " returns");
          }
        }
        default -> {
          time.pass(Duration.ofSeconds(1 + random.nextInt(20)));
          for (RegionFixture each : List.copyOf(living.values())) {
            Set<String> taken = each.tick().taken().keySet();
            taken.forEach(silent -> takeover(each.region, silent));
          }
        }
      }
      check();
    }

    private void takeover(String by, String silent) {
      history.add(by + " stands in for " + silent);
      assertThat(living)
          .as("one that answers is not stood in for: %s", history)
          .doesNotContainKey(silent);
    }

    /** What holds at every moment. */
    private void check() {
      for (RegionFixture one : living.values()) {
        assertThat(one.own())
            .as("%s forgot: %s", one.region, history)
            .isEqualTo(acknowledged(one.region));
        assertThat(one.lease.generation())
            .as("%s lost its region: %s", one.region, history)
            .isPresent();
        for (String other : REGIONS) {
          if (!other.equals(one.region)) {
            one.seen(other)
                .forEach((name, value) ->
                    assertThat(value)
                        .as("%s knows more of %s than there is: %s", one.region, other, history)
                        .isLessThanOrEqualTo(acknowledged(other).getOrDefault(name, 0L)));
          }
        }
      }
      for (String region : REGIONS) {
        table
            .in(region)
            .items()
            .forEach((key, item) ->
                assertThat(item.version()).as("the table has what nobody wrote").isPositive());
      }
    }

    /** Everything is mended, and everybody hears everything. */
    void converge() {
      REGIONS.forEach(table::join);
      REGIONS.stream().filter(region -> !living.containsKey(region)).toList().forEach(this::start);
      for (int round = 0; round < 3; round++) {
        living.values().forEach(RegionFixture::send);
        living.values().forEach(one -> one.lease.beat());
        table.settle();
        living.values().forEach(RegionFixture::take);
      }
      for (RegionFixture one : living.values()) {
        for (String other : REGIONS) {
          if (!other.equals(one.region)) {
            assertThat(one.seen(other))
                .as("%s knows all of %s: %s", one.region, other, history)
                .isEqualTo(acknowledged(other));
          }
        }
        assertThat(one.lease.taken()).as("all are back: %s", history).isEmpty();
      }
    }

    @Override
    public void close() {
      living.values().forEach(RegionFixture::close);
      try (Stream<Path> files = Files.walk(folder)) {
        files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Schedules do not shrink usefully: the history says what happened. */
  @Property(tries = 5, shrinking = ShrinkingMode.OFF)
  void whateverHappensNothingIsLostAndAllAgreeInTheEnd(@ForAll long seed) {
    try (World world = new World(seed)) {
      for (int i = 0; i < 200; i++) {
        world.step();
      }
      world.converge();
    }
  }
}
