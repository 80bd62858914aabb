package dev.muster.infra.aws;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import dev.muster.config.Configs;
import dev.muster.fixture.StandIn;
import dev.muster.fleet.compute.ec2.SdkSettings;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.kernel.notice.Finding;
import java.io.IOException;
import java.net.URLDecoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What IAM's simulator says, which no emulator has; other services have nothing here. */
@Timeout(60)
class PermissionLookTest {
  private static final String ROLE = "arn:aws:iam::111122223333:role/ci/muster-prod";
  private static final String CONFIG =
      """
      version: '1'
      defaults: { region: eu-west-1, environment: prod }
      environments:
        prod:
          account_role: %s
          regions: { eu-west-1: { subnets: [subnet-1] } }
          tables: muster-prod
        own:
          regions: { eu-west-1: { subnets: [subnet-2] } }
          tables: muster-own
          budget: { monthly_usd: 100 }
      """
          .formatted(ROLE);
  private static final String DENIED =
      """
      <ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type>
      <Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>
      """;

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final List<Map<String, String>> simulations = new CopyOnWriteArrayList<>();
  private final Set<String> refused = new HashSet<>();
  private final Set<String> mayAsk = new HashSet<>(Set.of("test"));
  private InfraCheck check;

  @BeforeEach
  void start() throws Exception {
    StandIn aws = StandIn.start(this::answer);
    opened.push(aws);
    opened.push(SdkSettings.towards(aws.url()));
    check = new InfraCheck(Configs.accepted(Configs.load(CONFIG)).get(FleetSpec.class));
    opened.push(check);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable part : opened) {
      part.close();
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    Map<String, String> form = form(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
    String key =
        exchange
            .getRequestHeaders()
            .getFirst("Authorization")
            .replaceAll(".*Credential=([^/]+).*", "$1");
    switch (form.getOrDefault("Action", "")) {
      case "AssumeRole" ->
          StandIn.answer(
              exchange,
              200,
              """
              <AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
              <AccessKeyId>of-the-role</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
              <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>
              """);
      case "GetCallerIdentity" ->
          StandIn.answer(
              exchange,
              200,
              """
              <GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
              <Account>444455556666</Account>
              <Arn>arn:aws:sts::444455556666:assumed-role/muster-appliance/i-1</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>
              """);
      case "SimulatePrincipalPolicy" -> {
        form.put("by", key);
        simulations.add(form);
        boolean allowed = mayAsk.contains(key);
        StandIn.answer(exchange, allowed ? 200 : 403, allowed ? simulated(form) : DENIED);
      }
      default -> StandIn.answer(exchange, 400, "{\"__type\": \"ResourceNotFoundException\"}");
    }
  }

  private static Map<String, String> form(String body) {
    Map<String, String> form = new TreeMap<>();
    for (String pair : body.split("&", -1)) {
      int end = pair.indexOf('=');
      if (end > 0) {
        form.put(
            URLDecoder.decode(pair.substring(0, end), UTF_8),
            URLDecoder.decode(pair.substring(end + 1), UTF_8));
      }
    }
    return form;
  }

  private String simulated(Map<String, String> form) {
    List<String> resources = new ArrayList<>(members(form, "ResourceArns"));
    if (resources.isEmpty()) {
      resources.add("*");
    }
    StringBuilder results = new StringBuilder();
    for (String action : members(form, "ActionNames")) {
      for (String resource : resources) {
        results.append(
            "<member><EvalActionName>%s</EvalActionName><EvalResourceName>%s</EvalResourceName><EvalDecision>%s</EvalDecision></member>"
                .formatted(
                    action, resource, refused.contains(action) ? "implicitDeny" : "allowed"));
      }
    }
    return """
    <SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult>
    <IsTruncated>false</IsTruncated><EvaluationResults>%s</EvaluationResults></SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>
    """
        .formatted(results);
  }

  private static List<String> members(Map<String, String> form, String list) {
    return form.entrySet().stream()
        .filter(entry -> entry.getKey().startsWith(list + ".member."))
        .map(Map.Entry::getValue)
        .toList();
  }

  private List<Finding> permissions(String environment) {
    return check.environment(environment, "eu-west-1").stream()
        .filter(finding -> finding.check().startsWith("permissions of"))
        .toList();
  }

  private List<String> asked(String list) {
    return simulations.stream().flatMap(form -> members(form, list).stream()).distinct().toList();
  }

  @Test
  void roleThatMayDoWhatTheTemplateGrantsIsWell() {
    assertThat(permissions("prod"))
        .containsExactly(
            Finding.well("permissions of " + ROLE, "as the policy in template prod-eu-west-1"));
    assertThat(simulations).extracting(form -> form.get("PolicySourceArn")).containsOnly(ROLE);
    assertThat(asked("ActionNames"))
        .contains("ec2:DescribeImages", "ec2:TerminateInstances", "dynamodb:PutItem")
        .doesNotContain("ec2:RunInstances", "ec2:CreateFleet", "iam:PassRole");
    assertThat(asked("ResourceArns"))
        .contains(
            "arn:aws:dynamodb:eu-west-1:111122223333:table/muster-prod-state",
            "arn:aws:ec2:eu-west-1:111122223333:instance/muster-infra-check")
        .noneMatch(arn -> arn.contains("*") || arn.contains("$"));
    assertThat(simulations)
        .as("tags that the policy's conditions want")
        .anySatisfy(form ->
            assertThat(form)
                .containsEntry(
                    "ContextEntries.member.1.ContextKeyName", "aws:ResourceTag/muster:environment")
                .containsEntry("ContextEntries.member.1.ContextKeyValues.member.1", "prod"));
  }

  @Test
  void eachMissingPermissionIsNamedWithWhatItIsAbout() {
    refused.addAll(Set.of("dynamodb:PutItem", "ec2:DescribeImages"));
    assertThat(permissions("prod"))
        .extracting(Finding::detail)
        .containsExactlyInAnyOrder(
            "ec2:DescribeImages is not allowed",
            "dynamodb:PutItem on arn:aws:dynamodb:eu-west-1:111122223333:table/muster-prod-state is not allowed");
    assertThat(permissions("prod")).noneMatch(Finding::ok);
  }

  @Test
  void roleAsksForItselfWhereWhoeverRunsThisMayNot() {
    mayAsk.clear();
    mayAsk.add("of-the-role");
    assertThat(permissions("prod")).allMatch(finding -> finding.mend().isEmpty());
    assertThat(simulations).extracting(form -> form.get("by")).contains("test", "of-the-role");
  }

  @Test
  void whereNobodyMayAskItIsSaidHowToLookByHand() {
    mayAsk.clear();
    assertThat(permissions("prod"))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.ok()).isTrue();
          assertThat(finding.detail()).contains("iam:SimulatePrincipalPolicy", "AccessDenied");
          assertThat(finding.mend().orElseThrow())
              .contains("aws iam simulate-principal-policy --policy-source-arn " + ROLE)
              .contains("dynamodb:PutItem");
        });
  }

  @Test
  void withoutAnAccountsRoleItIsTheRoleOfWhoeverRunsThis() {
    assertThat(permissions("own"))
        .extracting(Finding::check)
        .containsExactly("permissions of arn:aws:iam::444455556666:role/muster-appliance");
    assertThat(asked("ActionNames"))
        .as("what machines need is in the appliance's own stack")
        .noneMatch(action -> action.startsWith("ec2:"))
        .contains("dynamodb:Query");
  }
}
