package dev.muster.kernel.replication;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.reconcile.TransientException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegionLeaseTest {
  private static final Duration AFTER = Duration.ofSeconds(90);
  private static final Map<String, Succession.Rule> RULES =
      Map.of("west", new Succession.Rule(List.of("north", "south"), AFTER));

  private final VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
  private final GlobalTable table = new GlobalTable();
  private final Set<String> answering = new HashSet<>();

  private RegionLease lease(String region, String holder, InstantSource clock) {
    return lease(region, holder, "http://" + holder, clock);
  }

  private RegionLease lease(String region, String holder, String address) {
    return lease(region, holder, address, time);
  }

  private RegionLease lease(String region, String holder, String address, InstantSource clock) {
    return new RegionLease(
        new RegionLease.Self(region, holder, address, "1"),
        table.in(region),
        clock,
        RULES,
        answering::contains,
        () -> RegionLease.News.NONE,
        Map.of());
  }

  private RegionLease lease(String region) {
    RegionLease lease = lease(region, region, time);
    table.in("west");
    table.in("north");
    table.in("south");
    lease.claim();
    return lease;
  }

  /** Lets time pass second by second; those that live beat and hear. */
  private Map<String, Set<String>> pass(int seconds, RegionLease... living) {
    Map<String, Set<String>> taken = new java.util.HashMap<>();
    for (int i = 0; i < seconds; i++) {
      time.pass(Duration.ofSeconds(1));
      for (RegionLease lease : living) {
        lease
            .tick(look -> {})
            .taken()
            .keySet()
            .forEach(
                region -> taken.computeIfAbsent(lease.region(), r -> new HashSet<>()).add(region));
        table.settle();
        table.in(lease.region()).leases().forEach(lease::heard);
      }
    }
    return taken;
  }

  @Test
  void eachStartTakesANewGeneration() {
    assertThat(lease("west").generation()).hasValue(1);
    assertThat(lease("west").generation()).hasValue(2);
  }

  @Test
  void aSecondApplianceIsRefusedWithTheFirstOnesAddress() {
    lease("west", "first", time).claim();
    answering.add("http://first");
    time.pass(Duration.ofMinutes(10)); // it answers: an old beat proves nothing
    assertThatThrownBy(() -> lease("west", "second", time).claim())
        .isInstanceOf(RegionLease.TakenRegionException.class)
        .hasMessageContaining("http://first");
  }

  @Test
  void aFreshBeatRefusesEvenWhereItsAddressCannotBeReached() {
    lease("west", "first", time).claim();
    time.pass(Duration.ofSeconds(30));
    assertThatThrownBy(() -> lease("west", "second", time).claim())
        .isInstanceOf(RegionLease.TakenRegionException.class);
    time.pass(Duration.ofSeconds(61));
    RegionLease second = lease("west", "second", time);
    second.claim();
    assertThat(second.generation()).hasValue(2);
  }

  @Test
  void whoWasReplacedWritesNoMore() {
    RegionLease first = lease("west", "first", time);
    first.claim();
    time.pass(Duration.ofMinutes(5));
    lease("west", "second", time).claim();
    first.beat();
    assertThat(first.generation()).isEmpty();
    assertThat(first.lost()).isPresent();
  }

  @Test
  void aSilentRegionIsTakenOverSoonAfterItsTime() {
    RegionLease west = lease("west");
    RegionLease north = lease("north");
    RegionLease south = lease("south");
    pass(60, west, north, south);
    long lastBeat = west.own().orElseThrow().at().getEpochSecond();
    Map<String, Set<String>> taken = new java.util.HashMap<>();
    int seconds = 0;
    while (taken.isEmpty() && seconds < 200) {
      seconds++;
      taken.putAll(pass(1, north, south));
    }
    assertThat(taken).isEqualTo(Map.of("north", Set.of("west")));
    assertThat(time.instant().getEpochSecond() - lastBeat).isBetween(90L, 95L);
    assertThat(south.taken()).isEmpty();
  }

  @Test
  void oneThatAnswersIsNotTakenOverThoughItsBeatsAreLost() {
    lease("west");
    RegionLease north = lease("north");
    RegionLease south = lease("south");
    answering.add("http://west");
    assertThat(pass(300, north, south)).isEmpty();
  }

  /** Its beats are not heard, and when it was asked it was not there yet. */
  @ParameterizedTest
  @ValueSource(ints = {76, 79, 82, 85, 88, 89})
  void whoeverReturnsAtTheLastMomentIsNotTakenOver(int silence) {
    RegionLease west = lease("west");
    RegionLease north = lease("north");
    RegionLease south = lease("south");
    pass(60, west, north, south);
    assertThat(pass(silence, north, south)).isEmpty();
    answering.add("http://west");
    assertThat(pass(60, north, south)).isEmpty();
  }

  @Test
  void whoIsCutOffTakesNothing() {
    RegionLease west = lease("west");
    RegionLease north = lease("north");
    RegionLease south = lease("south");
    pass(30, west, north, south);
    table.cut("north");
    assertThat(pass(300, north, west, south)).isEmpty();
  }

  @Test
  void aRegionThatIsBackIsStoodInForNoLonger() {
    RegionLease west = lease("west");
    RegionLease north = lease("north");
    pass(30, west, north);
    assertThat(pass(120, north)).isEqualTo(Map.of("north", Set.of("west")));
    RegionLease back = lease("west");
    pass(2, back, north);
    assertThat(north.taken()).isEmpty();
    assertThat(north.tick(look -> {}).returned()).as("it was told once already").isEmpty();
  }

  @Test
  void aClockThatIsFiveMinutesOffMakesNobodySilent() {
    InstantSource ahead = () -> time.instant().plus(Duration.ofMinutes(5));
    RegionLease west = lease("west", "west", ahead);
    table.in("north");
    table.in("south");
    west.claim();
    RegionLease north = lease("north");
    RegionLease south = lease("south");
    assertThat(pass(300, west, north, south)).isEmpty();
  }

  /** Its home is a new one, and whoever answers at its address is itself. */
  @Test
  void oneThatLostItsDiskHasItsRegionAgain() {
    lease("west", "first", "http://west").claim();
    answering.add("http://west");
    time.pass(Duration.ofSeconds(91));
    RegionLease second = lease("west", "second", "http://west");
    second.claim();
    assertThat(second.generation()).hasValue(2);
  }

  @Test
  void aTakeoverIsToldUntilItIsKept() {
    RegionLease north = northAfterWestFellSilent();
    List<RegionLease.Look> tried = new ArrayList<>();
    Consumer<RegionLease.Look> full =
        look -> {
          tried.add(look);
          throw new IllegalStateException("the disk is full");
        };
    assertThatThrownBy(() -> north.tick(full)).hasMessage("the disk is full");
    assertThatThrownBy(() -> north.tick(full)).hasMessage("the disk is full");
    assertThat(tried).hasSize(2).allMatch(look -> look.taken().containsKey("west"));
    assertThat(north.tick(look -> {}).taken()).containsKey("west");
    assertThat(north.tick(look -> {}).taken()).isEmpty();
  }

  @Test
  void aTakeoverThatTheTableDidNotTakeIsToldWithTheNextBeat() {
    RegionLease north = northAfterWestFellSilent();
    table.in("north").away(true);
    assertThatThrownBy(() -> north.tick(look -> {})).isInstanceOf(TransientException.class);
    table.in("north").away(false);
    assertThat(north.tick(look -> {}).taken()).containsKey("west");
  }

  private RegionLease northAfterWestFellSilent() {
    RegionLease west = lease("west");
    RegionLease north = lease("north");
    pass(30, west, north);
    time.pass(Duration.ofMinutes(2));
    north.beat();
    return north;
  }

  @Test
  void aRegionThatIsNoMoreIsNotThere() {
    lease("west");
    table.settle();
    RegionLease north = lease("north");
    assertThat(north.beats("west")).isTrue();
    time.pass(Duration.ofDays(8));
    assertThat(north.beats("west")).isFalse();
    assertThat(north.known("west")).isFalse();
    assertThat(north.others()).isEmpty();
    table.in("north").leases().forEach(north::heard); // as everything is read again
    assertThat(north.known("west")).isFalse();
    assertThat(lease("north").known("west")).as("nor after a new start").isFalse();

    assertThat(lease("west").generation()).as("it goes on from where it was").hasValue(2);
    table.settle();
    table.in("north").leases().forEach(north::heard);
    assertThat(north.beats("west")).isTrue();
  }
}
