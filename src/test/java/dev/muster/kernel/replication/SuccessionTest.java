package dev.muster.kernel.replication;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.kernel.replication.Succession.Heard;
import dev.muster.kernel.replication.Succession.Judgement;
import dev.muster.kernel.replication.Succession.Rule;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SuccessionTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
  private static final Duration AFTER = Duration.ofSeconds(90);
  private static final Map<String, Rule> RULES =
      Map.of("west", new Rule(List.of("north", "south"), AFTER));
  private static final Lease.Choice NORTH = new Lease.Choice("north", 3);

  private static Heard heard(
      String region, int secondsAgo, Optional<Boolean> answers, Map<String, Lease.Choice> choices) {
    return new Heard(
        new Lease(
            region,
            "holder",
            "http://" + region,
            3,
            1,
            NOW,
            "1",
            Optional.empty(),
            Optional.empty(),
            choices,
            Map.of()),
        NOW.minusSeconds(secondsAgo),
        answers);
  }

  private static Heard fresh(String region, Map<String, Lease.Choice> choices) {
    return heard(region, 5, Optional.empty(), choices);
  }

  private static Heard silent(String region, int secondsAgo) {
    return heard(region, secondsAgo, Optional.of(false), Map.of());
  }

  private static Judgement judge(String own, Heard... others) {
    Map<String, Heard> known = new java.util.HashMap<>();
    for (Heard heard : others) {
      known.put(heard.lease().region(), heard);
    }
    return Succession.judge(own, known, RULES, AFTER, true, NOW);
  }

  @Test
  void aRegionThatBeatsIsLeftAlone() {
    Judgement judgement = judge("north", fresh("west", Map.of()), fresh("south", Map.of()));
    assertThat(judgement)
        .isEqualTo(new Judgement(java.util.Set.of(), Map.of(), java.util.Set.of()));
  }

  @Test
  void silenceIsDoubtedBeforeItsTimeIsOver() {
    Judgement judgement =
        judge("north", heard("west", 61, Optional.empty(), Map.of()), fresh("south", Map.of()));
    assertThat(judgement.doubted()).containsExactly("west");
    assertThat(judgement.choices()).as("nobody was asked yet").isEmpty();
  }

  @Test
  void theFirstThatIsThereStandsInWhenAllChoseIt() {
    assertThat(judge("north", silent("west", 90), fresh("south", Map.of("west", NORTH))).take())
        .containsExactly("west");
    assertThat(judge("south", silent("west", 90), fresh("north", Map.of("west", NORTH))).take())
        .isEmpty();
  }

  @Test
  void nobodyStandsInWhileOneDisagrees() {
    Judgement judgement = judge("north", silent("west", 500), fresh("south", Map.of()));
    assertThat(judgement.choices()).isEqualTo(Map.of("west", NORTH));
    assertThat(judgement.take()).isEmpty();
  }

  @Test
  void aChoiceOfAnEarlierSilenceDoesNotCount() {
    Map<String, Lease.Choice> old = Map.of("west", new Lease.Choice("north", 2));
    assertThat(judge("north", silent("west", 90), fresh("south", old)).take()).isEmpty();
  }

  @Test
  void itsTimeMustBeOver() {
    assertThat(judge("north", silent("west", 89), fresh("south", Map.of("west", NORTH))).take())
        .isEmpty();
  }

  @Test
  void anOldBeatOfOneWhoAnswersIsNoSilence() {
    Heard answers = heard("west", 500, Optional.of(true), Map.of());
    Judgement judgement = judge("north", answers, fresh("south", Map.of("west", NORTH)));
    assertThat(judgement.choices()).isEmpty();
    assertThat(judgement.take()).isEmpty();
  }

  @Test
  void theNextStandsInWhereTheFirstIsSilentToo() {
    Map<String, Lease.Choice> south = Map.of("west", new Lease.Choice("south", 3));
    Judgement judgement =
        judge("south", silent("west", 90), silent("north", 90), fresh("east", south));
    assertThat(judgement.take()).containsExactly("west");
  }

  @Test
  void whoHearsNobodyTakesNothing() {
    Judgement judgement = judge("north", silent("west", 500), silent("south", 500));
    assertThat(judgement.take()).isEmpty();
    assertThat(judgement.choices()).isEmpty();
  }

  @Test
  void ofTwoRegionsTheOtherMayStandIn() {
    assertThat(judge("north", silent("west", 90)).take()).containsExactly("west");
  }

  @Test
  void whoCannotWriteItsOwnBeatsTakesNothing() {
    Judgement judgement =
        Succession.judge("north", Map.of("west", silent("west", 500)), RULES, AFTER, false, NOW);
    assertThat(judgement.take()).isEmpty();
  }

  @Test
  void withoutARuleNobodyStandsIn() {
    Judgement judgement =
        Succession.judge("north", Map.of("west", silent("west", 500)), Map.of(), AFTER, true, NOW);
    assertThat(judgement.doubted()).containsExactly("west");
    assertThat(judgement.take()).isEmpty();
  }
}
