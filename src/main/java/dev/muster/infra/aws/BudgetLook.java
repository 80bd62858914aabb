package dev.muster.infra.aws;

import dev.muster.fleet.spec.EnvironmentSpec.Budget;
import dev.muster.infra.InfraNames;
import dev.muster.kernel.notice.Finding;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.services.budgets.BudgetsClient;
import software.amazon.awssdk.services.budgets.model.Notification;

/** What AWS itself watches of what an environment may cost. */
final class BudgetLook {
  private static final String ACTION = "budgets:ViewBudget";

  private final BudgetsClient client;
  private final String account;
  private final String name;
  private final Look look;

  BudgetLook(BudgetsClient client, String account, String name, String template) {
    this.client = client;
    this.account = account;
    this.name = name;
    this.look = new Look("budget " + name, template);
  }

  /** What differs. That nobody is told is a choice that the template leaves. */
  List<Finding> compare(Budget needed) {
    Optional<software.amazon.awssdk.services.budgets.model.Budget> there =
        look.ask(
            ACTION,
            () -> client.describeBudget(r -> r.accountId(account).budgetName(name)).budget());
    if (there.isEmpty()) {
      look.absent();
      return look.findings();
    }
    look.same(
        "the limit",
        money(BigDecimal.valueOf(needed.monthlyUsd()), "USD", "MONTHLY"),
        money(
            there.get().budgetLimit().amount(),
            there.get().budgetLimit().unit(),
            there.get().timeUnitAsString()));
    look.ask(
            ACTION,
            List.<Notification>of(),
            () ->
                client
                    .describeNotificationsForBudget(r -> r.accountId(account).budgetName(name))
                    .notifications())
        .filter(notifications -> !notifications.isEmpty())
        .ifPresent(notifications -> {
          Set<Integer> told = new TreeSet<>();
          notifications.forEach(notification -> told.add(notification.threshold().intValue()));
          look.same("who is told at percent", InfraNames.notifiedAt(needed), told);
        });
    return look.findings();
  }

  private static String money(BigDecimal amount, String unit, String time) {
    return amount.stripTrailingZeros().toPlainString() + " " + unit + " " + time;
  }
}
