package dev.muster.kernel.replication;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Who stands in for a silent region, as a pure function of what one region knows. All survivors
 * must have come to the same choice, each by itself; who hears nobody at all is alone and takes
 * nothing.
 */
public final class Succession {
  /** At this part of its time a silence is doubted, so that all have spoken when it is over. */
  private static final double DOUBT = 2.0 / 3;

  private Succession() {}

  /**
   * A region's rule.
   *
   * @param to who may stand in, the first that is there
   * @param after how long it must be silent
   */
  public record Rule(List<String> to, Duration after) {
    public Rule {
      to = List.copyOf(to);
    }
  }

  /**
   * Another region, as it is known here.
   *
   * @param heardAt when its beat was last seen to rise, by this region's clock
   * @param answers whether its health endpoint answered when it was last asked, since then; empty
   *     where it was not asked
   */
  public record Heard(Lease lease, Instant heardAt, Optional<Boolean> answers) {}

  /**
   * What follows.
   *
   * @param doubted regions whose health endpoints are to be asked
   * @param choices what to say of those that are silent
   * @param take those to stand in for from now on
   */
  public record Judgement(
      Set<String> doubted, Map<String, Lease.Choice> choices, Set<String> take) {}

  /**
   * Judges.
   *
   * @param own this region
   * @param others all others
   * @param standard after which a region without a rule counts as silent
   * @param wroteLately whether this region's own beats reach the table
   */
  public static Judgement judge(
      String own,
      Map<String, Heard> others,
      Map<String, Rule> rules,
      Duration standard,
      boolean wroteLately,
      Instant now) {
    Set<String> doubted = new HashSet<>();
    Map<String, Lease.Choice> choices = new TreeMap<>();
    Set<String> take = new HashSet<>();
    Map<String, Heard> fresh = new HashMap<>();
    others.forEach((region, heard) -> {
      if (silence(heard, now).compareTo(doubtAfter(rules, region, standard)) < 0) {
        fresh.put(region, heard);
      } else {
        doubted.add(region);
      }
    });
    boolean alone = others.size() > 1 && fresh.isEmpty();
    for (String region : doubted) {
      Heard heard = heard(others, region);
      Rule rule = rules.get(region);
      boolean silent = heard.answers().map(answers -> !answers).orElse(false);
      if (rule == null || !silent || alone || !wroteLately) {
        continue;
      }
      Optional<String> successor =
          rule.to().stream().filter(to -> to.equals(own) || fresh.containsKey(to)).findFirst();
      if (successor.isEmpty()) {
        continue;
      }
      Lease.Choice choice = new Lease.Choice(successor.get(), heard.lease().generation());
      choices.put(region, choice);
      boolean agreed =
          fresh.values().stream()
              .allMatch(peer -> choice.equals(peer.lease().choices().get(region)));
      if (successor.get().equals(own)
          && agreed
          && silence(heard, now).compareTo(rule.after()) >= 0) {
        take.add(region);
      }
    }
    return new Judgement(Set.copyOf(doubted), Map.copyOf(choices), Set.copyOf(take));
  }

  private static Heard heard(Map<String, Heard> others, String region) {
    Heard heard = others.get(region);
    if (heard == null) {
      throw new IllegalArgumentException("Region " + region + " was never heard");
    }
    return heard;
  }

  private static Duration silence(Heard heard, Instant now) {
    return Duration.between(heard.heardAt(), now);
  }

  private static Duration doubtAfter(Map<String, Rule> rules, String region, Duration standard) {
    Rule rule = rules.get(region);
    Duration after = rule == null ? standard : rule.after();
    return Duration.ofMillis(Math.round(after.toMillis() * DOUBT));
  }
}
