package dev.muster.fleet.cost;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.EnvironmentSpec.Budget;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.audit.Actor;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.Tx;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Says that an environment has spent a named part of its month's budget: once for each percentage
 * and month, whatever restarts. The page has the highest one until somebody settles it, the month
 * ends, or the budget is raised above it.
 */
final class BudgetAlerts {
  private static final Logger log = System.getLogger(BudgetAlerts.class.getName());
  private static final double MICROS = 1e6;
  private static final int KEPT_MONTHS = 13;

  private BudgetAlerts() {}

  /** Compares what was just accounted for with the budgets. */
  static void look(Tx tx, AuditLog audit, FleetSpec fleet, Instant now) {
    String old = EnvironmentSpend.monthOf(now).minusMonths(KEPT_MONTHS).toString();
    tx.update("delete from budget_alert where spent_in < ?", old);
    tx.update("delete from budget_lift where spent_in < ?", old);
    for (EnvironmentSpec environment : fleet.environments().values()) {
      environment.budget().ifPresent(budget -> look(tx, audit, environment.name(), budget, now));
    }
  }

  private static void look(Tx tx, AuditLog audit, String name, Budget budget, Instant now) {
    YearMonth month = EnvironmentSpend.monthOf(now);
    long spent = EnvironmentSpend.find(tx, name).map(spend -> spend.at(now)).orElse(0L);
    List<Integer> reached =
        thresholds(budget).stream().filter(p -> spent >= budget.microUsd(p)).toList();
    String notice = "budget-" + name;
    if (reached.isEmpty()) {
      Notices.settle(tx, notice);
      return;
    }
    List<Integer> fresh = new ArrayList<>();
    for (int percent : reached) {
      if (first(tx, name, month, percent)) {
        fresh.add(percent);
        remember(tx, name, month, percent, spent, now);
      }
    }
    if (fresh.isEmpty()) {
      return;
    }
    int highest = fresh.getLast();
    String said = words(name, budget, highest, month, spent);
    Notices.raise(tx, new Notices.Notice(notice, Notices.Severity.WARNING, now, said));
    audit.add(tx, Actor.MUSTER, "budget.reached", name, highest + "% of " + month);
    tx.afterCommit(() -> log.log(Level.WARNING, said));
  }

  /** In their order. */
  private static List<Integer> thresholds(Budget budget) {
    return IntStream.concat(
            budget.alertAtPercent().stream().mapToInt(Integer::intValue),
            budget.holdAtPercent().stream())
        .distinct()
        .sorted()
        .boxed()
        .toList();
  }

  private static String words(
      String name, Budget budget, int percent, YearMonth month, long spent) {
    String held =
        budget.holdAtPercent().isPresent() && budget.holdAtPercent().getAsInt() <= percent
            ? "; it gets no new machines, see 'muster resume environment " + name + "'"
            : "";
    return String.format(
        Locale.ROOT,
        "Environment %s has spent $%,.2f in %s, %d%% or more of its budget of $%,d%s",
        name,
        spent / MICROS,
        month,
        percent,
        budget.monthlyUsd(),
        held);
  }

  private static boolean first(Tx tx, String name, YearMonth month, int percent) {
    return tx.count(
            """
            select count(*) n from budget_alert
            where environment = ? and spent_in = ? and percent = ?
            """,
            name,
            month.toString(),
            percent)
        == 0;
  }

  private static void remember(
      Tx tx, String name, YearMonth month, int percent, long spent, Instant now) {
    tx.update(
        """
        insert into budget_alert (environment, spent_in, percent, micro_usd, at)
          values (?, ?, ?, ?, ?)
        """,
        name,
        month.toString(),
        percent,
        spent,
        now);
  }

  /**
   * When an environment reaches the next percentage that its budget names, or the month ends for
   * one that has reached some; empty where neither is to be expected.
   */
  static Optional<Instant> next(FleetSpec fleet, List<EnvironmentSpend> spends, Instant now) {
    List<Instant> instants = new ArrayList<>();
    for (EnvironmentSpend spend : spends) {
      Optional<Budget> budget =
          fleet.environment(spend.environment()).flatMap(EnvironmentSpec::budget);
      if (budget.isEmpty()) {
        continue;
      }
      long spent = spend.at(now);
      for (int percent : thresholds(budget.get())) {
        long target = budget.get().microUsd(percent);
        if (spent >= target) {
          instants.add(EnvironmentSpend.startOf(spend.month().plusMonths(1)));
        } else {
          spend.reaches(target).ifPresent(instants::add);
        }
      }
    }
    return instants.stream().filter(at -> at.isAfter(now)).min(Instant::compareTo);
  }
}
