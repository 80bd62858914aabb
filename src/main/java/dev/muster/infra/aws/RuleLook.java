package dev.muster.infra.aws;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.muster.infra.InfraNames;
import dev.muster.kernel.notice.Finding;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.eventbridge.model.RuleState;

/** The rules by which EC2's warnings come to a queue, whatever they are called. */
final class RuleLook {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final EventBridgeClient client;
  private final String queue;
  private final Look look;

  /**
   * Looks at rules.
   *
   * @param queue the ARN of their target
   */
  RuleLook(EventBridgeClient client, String queue, String region) {
    this.client = client;
    this.queue = queue;
    this.look = new Look("rule of interruption warnings (" + region + ")", region);
  }

  /** What differs: warnings that nobody passes on. */
  List<Finding> compare() {
    look.ask(
            "events:ListRuleNamesByTarget",
            () -> client.listRuleNamesByTarget(r -> r.targetArn(queue)).ruleNames())
        .ifPresent(this::compare);
    return look.findings();
  }

  private void compare(List<String> names) {
    if (names.isEmpty()) {
      look.absent();
      return;
    }
    Set<String> passed = new TreeSet<>();
    for (String name : names) {
      look.ask("events:DescribeRule", () -> client.describeRule(r -> r.name(name)))
          .filter(rule -> rule.state() == RuleState.ENABLED)
          .ifPresent(rule -> passed.addAll(events(rule.eventPattern())));
    }
    look.all("what it passes on", InfraNames.INTERRUPTION_EVENTS, passed);
  }

  /** Empty for one by the clock, or one that nobody can read. */
  private static List<String> events(String pattern) {
    List<String> events = new ArrayList<>();
    try {
      JSON.readTree(pattern == null ? "{}" : pattern)
          .path("detail-type")
          .forEach(event -> events.add(event.asText()));
    } catch (JacksonException e) {
      return List.of();
    }
    return events;
  }
}
