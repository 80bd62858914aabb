package dev.muster.fleet.cost;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.EnvironmentSpec.Budget;
import dev.muster.kernel.store.Read;
import dev.muster.kernel.store.Tx;
import java.time.Instant;
import java.time.YearMonth;
import java.util.Optional;

/**
 * An environment has spent so much of its month's budget that it gets no new machines. It is worked
 * out whenever a plan is made: what ends it (the month, a larger budget, an operator) needs nobody
 * to undo anything.
 *
 * @param words why, and what ends it; the same as long as it holds
 * @param until the end of the month
 */
public record BudgetHold(String words, Instant until) {
  /** The hold of an environment; empty where it has none, or has no budget that holds. */
  public static Optional<BudgetHold> of(Read read, EnvironmentSpec environment, Instant now) {
    Optional<Budget> budget = environment.budget().filter(b -> b.holdAtPercent().isPresent());
    if (budget.isEmpty()) {
      return Optional.empty();
    }
    String name = environment.name();
    YearMonth month = EnvironmentSpend.monthOf(now);
    int percent = budget.get().holdAtPercent().getAsInt();
    return EnvironmentSpend.find(read, name)
        .filter(spend -> spend.at(now) >= budget.get().microUsd(percent))
        .filter(spend -> lift(read, name, now).isEmpty())
        .map(spend -> new BudgetHold(words(name, budget.get(), percent, month), end(month)));
  }

  private static String words(String name, Budget budget, int percent, YearMonth month) {
    return ("environment %s has spent %d%% of its budget of $%,d for %s: it gets new machines from"
            + " %s on, with a larger budget, or after 'muster resume environment %s'")
        .formatted(name, percent, budget.monthlyUsd(), month, month.plusMonths(1).atDay(1), name);
  }

  private static Instant end(YearMonth month) {
    return EnvironmentSpend.startOf(month.plusMonths(1));
  }

  /**
   * An operator's word that an environment may launch beyond its budget for the rest of a month.
   *
   * @param actor who
   */
  public record Lift(Instant at, String actor) {}

  /** The lift of this month, where there is one. */
  public static Optional<Lift> lift(Read read, String environment, Instant now) {
    return read.first(
        "select at, actor from budget_lift where environment = ? and spent_in = ?",
        row -> new Lift(row.instant("at"), row.text("actor")),
        environment,
        EnvironmentSpend.monthOf(now).toString());
  }

  /** Lets an environment launch beyond its budget for the rest of the month. */
  public static void lift(Tx tx, String environment, Instant now, String actor) {
    tx.update(
        """
        merge into budget_lift (environment, spent_in, at, actor) key (environment, spent_in)
          values (?, ?, ?, ?)
        """,
        environment,
        EnvironmentSpend.monthOf(now).toString(),
        now,
        actor);
  }
}
