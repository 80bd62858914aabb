package dev.muster.infra;

import static dev.muster.infra.Cfn.map;
import static dev.muster.infra.Cfn.ref;

import dev.muster.fleet.spec.EnvironmentSpec.Budget;
import java.util.List;
import java.util.Map;

/** What AWS itself watches of what an environment may cost. */
final class BudgetPart {
  private final EnvironmentPlace place;
  private final Stack stack;

  BudgetPart(EnvironmentPlace place, Stack stack) {
    this.place = place;
    this.stack = stack;
  }

  void add() {
    place.environment().budget().ifPresent(this::budget);
  }

  private void budget(Budget budget) {
    stack
        .parameter(
            "BudgetEmail", "[^@\\s]+@[^@\\s]+", "Who is told by AWS Budgets; nobody without it")
        .condition("HasEmail", Cfn.given("BudgetEmail"))
        .resource(
            "Budget",
            "AWS::Budgets::Budget",
            map(
                "Budget",
                map(
                    "BudgetName",
                    InfraNames.budget(place.environment()),
                    "BudgetType",
                    "COST",
                    "TimeUnit",
                    "MONTHLY",
                    "BudgetLimit",
                    map("Amount", budget.monthlyUsd(), "Unit", "USD"),
                    "CostFilters",
                    map("TagKeyValue", List.of("user:Environment$" + place.environment().name()))),
                "NotificationsWithSubscribers",
                Cfn.when("HasEmail", notifications(budget))));
  }

  private static List<Map<String, Object>> notifications(Budget budget) {
    return InfraNames.notifiedAt(budget).stream()
        .map(percent ->
            map(
                "Notification",
                map(
                    "NotificationType",
                    "ACTUAL",
                    "ComparisonOperator",
                    "GREATER_THAN",
                    "Threshold",
                    percent,
                    "ThresholdType",
                    "PERCENTAGE"),
                "Subscribers",
                List.of(map("SubscriptionType", "EMAIL", "Address", ref("BudgetEmail")))))
        .toList();
  }
}
