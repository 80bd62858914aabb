package dev.muster.status.page;

import dev.muster.status.api.EnvironmentList;
import dev.muster.status.api.EnvironmentView;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** An environment in a table: what it spends against its budget. */
record EnvironmentRow(EnvironmentView environment) {
  private static final long WHOLE = 100;

  /** Those of the list that spend something or have a budget to keep. */
  static List<EnvironmentRow> of(EnvironmentList list) {
    return list.environments().stream()
        .filter(e -> e.budget() != null || e.spentUsd().signum() > 0 || e.unpricedMachines() > 0)
        .map(EnvironmentRow::new)
        .toList();
  }

  /** Whose jobs, and where; empty where the config does not say. */
  String about() {
    List<String> parts = new ArrayList<>();
    if (!environment.repositories().equals(List.of("*/*"))) {
      parts.add(String.join(", ", environment.repositories()));
    }
    if (!environment.regions().isEmpty()) {
      parts.add(String.join(", ", environment.regions()));
    }
    return String.join(" · ", parts);
  }

  String spent() {
    return usd(environment.spentUsd());
  }

  String hourly() {
    return usd(environment.hourlyUsd());
  }

  /** As {@code $2,000}; null without a budget. */
  @Nullable String of() {
    EnvironmentView.BudgetView budget = environment.budget();
    return budget == null ? null : String.format(Locale.ROOT, "$%,d", budget.monthlyUsd());
  }

  /** For the meter, which ends at a hundred. */
  long shown() {
    EnvironmentView.BudgetView budget = environment.budget();
    return budget == null ? 0 : Math.min(WHOLE, budget.usedPercent());
  }

  String percent() {
    EnvironmentView.BudgetView budget = environment.budget();
    return budget == null ? "" : budget.usedPercent() + "%";
  }

  /** What the numbers mean, in the page's tones. */
  String tone() {
    EnvironmentView.BudgetView budget = environment.budget();
    if (budget == null) {
      return "calm";
    }
    boolean alerted = budget.alertAtPercent().stream().anyMatch(p -> budget.usedPercent() >= p);
    return budget.held() != null || budget.usedPercent() >= WHOLE
        ? "bad"
        : alerted ? "wait" : "calm";
  }

  /** Why it gets no new machines; null while it gets them. */
  @Nullable String held() {
    EnvironmentView.BudgetView budget = environment.budget();
    return budget == null ? null : budget.held();
  }

  /** What else there is to know, in a sentence each. */
  List<String> notes() {
    List<String> notes = new ArrayList<>();
    EnvironmentView.BudgetView budget = environment.budget();
    if (budget != null && budget.held() != null) {
      notes.add("New machines are held: " + budget.held() + ".");
    }
    if (budget != null && budget.liftedBy() != null) {
      notes.add("It may go beyond its budget this month: " + budget.liftedBy() + " resumed it.");
    }
    int unpriced = environment.unpricedMachines();
    if (unpriced > 0) {
      notes.add(
          unpriced == 1
              ? "One machine runs without a known price and is missing in the sum."
              : unpriced + " machines run without a known price and are missing in the sum.");
    }
    if (!environment.configured()) {
      notes.add("The config no longer has it.");
    }
    return notes;
  }

  private static String usd(java.math.BigDecimal amount) {
    return String.format(Locale.ROOT, "$%,.2f", amount);
  }
}
