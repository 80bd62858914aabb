package dev.muster.infra;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Something that a template's policy allows, with things in the place of its wildcards: what can be
 * asked of IAM's simulator.
 *
 * @param resources ARNs; empty for an action that is about none
 * @param context what the policy's conditions want, by key
 */
public record Permission(
    List<String> actions, List<String> resources, Map<String, String> context) {
  /**
   * The simulator wants to know of launches with which image, subnet and disk; {@code muster
   * doctor} tries them instead. Whom a role may be passed on to is known to no config.
   */
  private static final Set<String> NOT_SIMULATED =
      Set.of("ec2:CreateFleet", "ec2:RunInstances", "iam:PassRole", "iam:SimulatePrincipalPolicy");

  /** A thing that there is nowhere, in the place of a wildcard. */
  private static final String ANY = "muster-infra-check";

  public Permission {
    actions = List.copyOf(actions);
    resources = List.copyOf(resources);
    context = Map.copyOf(context);
  }

  /**
   * What the environment's policy allows: of its account's role, or else what it adds to the
   * appliance's own.
   *
   * @param partition as {@code aws}
   * @param account its number
   */
  public static List<Permission> of(
      FleetSpec fleet, EnvironmentSpec environment, String partition, String account) {
    String home = InfraNames.home(fleet, environment);
    List<String> regions = InfraNames.regions(fleet, environment);
    List<String> buckets =
        regions.stream().flatMap(in -> InfraNames.bucket(environment, home, in).stream()).toList();
    List<Permission> permissions = new ArrayList<>();
    for (Map<String, Object> statement :
        new Policies(environment, regions, List.of(), buckets)
            .statements(environment.accountRole().isPresent())) {
      List<String> actions =
          texts(statement.get("Action")).stream().filter(a -> !NOT_SIMULATED.contains(a)).toList();
      if (!actions.isEmpty()) {
        permissions.add(
            new Permission(
                actions,
                texts(statement.get("Resource")).stream()
                    .filter(arn -> !arn.equals("*"))
                    .map(arn -> concrete(arn, partition, account, home))
                    .toList(),
                context(statement)));
      }
    }
    return permissions;
  }

  private static String concrete(String arn, String partition, String account, String region) {
    return arn.replace("${AWS::Partition}", partition)
        .replace("${AWS::AccountId}", account)
        .replace(":ec2:*:", ":ec2:" + region + ":")
        .replace(":ssm:*:", ":ssm:" + region + ":")
        .replace("*", ANY);
  }

  /** Text, {@code Fn::Sub} of it, or a list of either. */
  private static List<String> texts(@Nullable Object value) {
    return switch (value) {
      case String text -> List.of(text);
      case List<?> list -> list.stream().flatMap(part -> texts(part).stream()).toList();
      case Map<?, ?> function -> texts(function.get("Fn::Sub"));
      case null, default -> throw new IllegalStateException("A policy has no " + value);
    };
  }

  /** All conditions of these policies are equalities; of several values each serves. */
  private static Map<String, String> context(Map<String, Object> statement) {
    Map<String, String> context = new LinkedHashMap<>();
    if (statement.get("Condition") instanceof Map<?, ?> condition
        && condition.get("StringEquals") instanceof Map<?, ?> equal) {
      equal.forEach((key, value) -> context.put(String.valueOf(key), texts(value).getFirst()));
    }
    return context;
  }
}
