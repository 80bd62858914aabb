package dev.muster.fleet.spec;

import dev.muster.config.Fields;
import dev.muster.config.Key;
import dev.muster.config.Located;
import dev.muster.config.Problems;
import dev.muster.config.Shapes;
import dev.muster.fleet.spec.EnvironmentSpec.Allow;
import dev.muster.fleet.spec.EnvironmentSpec.Budget;
import dev.muster.fleet.spec.EnvironmentSpec.Network;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The key {@code environments}. */
final class EnvironmentsPart {
  private static final Key<List<String>> REPOSITORIES =
      Key.of(
              "repositories",
              Shapes.list(Shapes.text("OWNER/NAME pattern", "[^/\\s]{1,100}/[^/\\s]{1,100}")),
              "[\"acme/*\"]",
              "Repositories whose jobs may ask for it; `*` stands for any characters but `/`.")
          .standard(List.of("*/*"));
  private static final Key<String> ACCOUNT_ROLE =
      Key.of(
              "account_role",
              Shapes.text("ARN of a role", "arn:aws[a-z-]*:iam::\\d{12}:role/\\S{1,512}"),
              "arn:aws:iam::111122223333:role/muster-prod",
              "Role to assume in the AWS account of the environment.")
          .standardIs("the appliance's own credentials");

  private static final Key<String> VPC =
      Key.of("vpc", Shapes.name(), "vpc-1", "VPC of the subnets, for people to read.")
          .standardIs("that of the subnets");
  private static final Key<List<String>> SUBNETS =
      Key.of(
              "subnets",
              Shapes.list(Shapes.name()),
              "[subnet-a, subnet-b]",
              "Subnets to launch in, in order of preference.")
          .standardIs("none: EC2 launches nothing there");
  private static final Key<List<String>> SECURITY_GROUPS =
      Key.of("security_groups", Shapes.list(Shapes.name()), "[sg-1]", "Security groups of runners.")
          .standardIs("the VPC's own");
  private static final Key<String> INSTANCE_PROFILE =
      Key.of("instance_profile", Shapes.text(), "muster-runner", "Instance profile of runners.")
          .standardIs("none");
  private static final Key<Map<String, Located<Fields>>> REGIONS =
      Key.of(
          "regions",
          Shapes.map(
              Shapes.region(),
              Shapes.object("a region", List.of(VPC, SUBNETS, SECURITY_GROUPS, INSTANCE_PROFILE))),
          "{ eu-west-1: { subnets: [subnet-a] } }",
          "Regions that it has, with their networks. None named: pools may say any, but EC2 launches in none.");

  private static final Key<String> TABLES =
      Key.of("tables", Shapes.name(), "muster-prod", "Prefix of its DynamoDB tables.")
          .standardIs("no shared state");
  private static final Key<String> BUCKET =
      Key.of(
              "bucket",
              Shapes.text("name of a bucket", "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
              "muster-cache-prod",
              "S3 bucket of its Actions cache.")
          .standardIs("no cache");
  private static final Key<String> RUNNER_GROUP =
      Key.of(
              "runner_group",
              Shapes.text(),
              "prod-runners",
              "Runner group of the organisation that runners register in.")
          .standardIs("none: runners register at the job's repository");

  private static final Key<Boolean> PUBLIC_REPOSITORIES =
      Key.of(
              "public_repositories",
              Shapes.flag(),
              "false",
              "Whether jobs of public repositories are served.")
          .standard(false);
  private static final Key<Boolean> FORKS =
      Key.of("forks", Shapes.flag(), "false", "Whether jobs of forks' pull requests are served.")
          .standard(false);
  private static final Key<Fields> ALLOW =
      Key.of(
          "allow",
          Shapes.object("allow", List.of(PUBLIC_REPOSITORIES, FORKS)),
          "{ public_repositories: false, forks: false }",
          "Jobs that strangers can influence.");

  private static final Key<Integer> MONTHLY_USD =
      Key.of(
              "monthly_usd",
              Shapes.whole(
                  1,
                  100_000_000,
                  "without a budget leave the key out; to hold all launches: muster pause environment"
                      + " NAME"),
              "2000",
              "What a month may cost, in US dollars.")
          .mustBeGiven();
  private static final Key<List<Integer>> ALERT_AT =
      Key.of(
              "alert_at_percent",
              Shapes.list(Shapes.whole(1, 1000), 0, 10),
              "[50, 80, 100]",
              "Percentages of it at which to alert.")
          .standard(List.of(80, 100));
  private static final Key<Integer> HOLD_AT =
      Key.of(
              "hold_at_percent",
              Shapes.whole(1, 1000),
              "120",
              "Percentage of it at which new launches are held.")
          .standardIs("never");
  private static final Key<Fields> BUDGET =
      Key.of(
          "budget",
          Shapes.object("a budget", List.of(MONTHLY_USD, ALERT_AT, HOLD_AT)),
          "{ monthly_usd: 2000 }",
          "What the environment may cost.");
  private static final Key<Map<String, Located<String>>> TAGS =
      Key.of(
          "tags",
          Shapes.map(Shapes.text(), Shapes.text()),
          "{ CostCentre: ci }",
          "Tags on everything that is made in it.");

  static final Key<Map<String, Located<Fields>>> ENVIRONMENTS =
      Key.of(
          "environments",
          Shapes.map(
              Shapes.name(),
              Shapes.object(
                  "an environment",
                  List.of(
                      REPOSITORIES,
                      ACCOUNT_ROLE,
                      REGIONS,
                      TABLES,
                      BUCKET,
                      RUNNER_GROUP,
                      ALLOW,
                      BUDGET,
                      TAGS))),
          "{ prod: { repositories: [\"acme/*\"] } }",
          "Where runners run and who may ask for them, by name.");

  private EnvironmentsPart() {}

  /**
   * What two environments may not share, or had better not. State, cache and runner group carry
   * what one's jobs do to the other's: GitHub gives a runner of a group to any job with its labels
   * whose repository is in the group. A network or a profile is shared on purpose by some, who know
   * it.
   */
  static void check(Map<String, Located<Fields>> environments, Problems problems) {
    Map<String, String> owners = new HashMap<>();
    for (Map.Entry<String, Located<Fields>> entry : environments.entrySet()) {
      String name = entry.getKey();
      Fields written = entry.getValue().value();
      for (Key<String> key : List.of(TABLES, BUCKET, RUNNER_GROUP)) {
        written
            .given(key)
            .flatMap(value -> owner(owners, key.name() + " " + value, name))
            .ifPresent(other ->
                problems.error(
                    written.place(key),
                    "environment '%s' has the %s of environment '%s'"
                        .formatted(name, key.name().replace('_', ' '), other),
                    "environments share none: name another"));
      }
      String account = written.given(ACCOUNT_ROLE).orElse("");
      written
          .given(REGIONS)
          .orElse(Map.of())
          .forEach((region, network) ->
              shared(name, account, region, network.value(), owners, problems));
    }
  }

  private static void shared(
      String name,
      String account,
      String region,
      Fields network,
      Map<String, String> owners,
      Problems problems) {
    for (String subnet : network.given(SUBNETS).orElse(List.of())) {
      owner(owners, "subnet " + account + " " + region + " " + subnet, name)
          .ifPresent(other ->
              problems.warning(
                  network.place(SUBNETS),
                  "subnet '%s' is environment '%s''s too".formatted(subnet, other),
                  "runners of both reach each other unless their security groups forbid it"));
    }
    network
        .given(INSTANCE_PROFILE)
        .flatMap(profile -> owner(owners, "profile " + account + " " + profile, name))
        .ifPresent(other ->
            problems.warning(
                network.place(INSTANCE_PROFILE),
                "instance profile '%s' is environment '%s''s too"
                    .formatted(network.given(INSTANCE_PROFILE).orElse(""), other),
                "jobs of both may do in AWS what it allows: give each its own"));
  }

  /** Whose a thing is already, unless it is this one's. */
  private static Optional<String> owner(Map<String, String> owners, String thing, String name) {
    return Optional.ofNullable(owners.putIfAbsent(thing, name))
        .filter(other -> !other.equals(name));
  }

  /** The names of an environment's regions; empty where it leaves them open. */
  static java.util.Set<String> regions(Fields environment) {
    return environment.given(REGIONS).orElse(Map.of()).keySet();
  }

  static EnvironmentSpec build(String name, Fields written) {
    Map<String, Network> regions = new LinkedHashMap<>();
    written
        .given(REGIONS)
        .orElse(Map.of())
        .forEach((region, network) -> regions.put(region, network(network.value())));
    Map<String, String> tags = new LinkedHashMap<>();
    written.given(TAGS).orElse(Map.of()).forEach((tag, value) -> tags.put(tag, value.value()));
    return new EnvironmentSpec(
        name,
        written.value(REPOSITORIES),
        written.given(ACCOUNT_ROLE),
        regions,
        written.given(TABLES),
        written.given(BUCKET),
        written.given(RUNNER_GROUP),
        written
            .given(ALLOW)
            .map(allow -> new Allow(allow.value(PUBLIC_REPOSITORIES), allow.value(FORKS)))
            .orElse(new Allow(false, false)),
        written.given(BUDGET).map(EnvironmentsPart::budget),
        tags);
  }

  private static Network network(Fields written) {
    return new Network(
        written.given(VPC),
        written.given(SUBNETS).orElse(List.of()),
        written.given(SECURITY_GROUPS).orElse(List.of()),
        written.given(INSTANCE_PROFILE));
  }

  private static Budget budget(Fields written) {
    return new Budget(
        written.value(MONTHLY_USD),
        written.value(ALERT_AT),
        written.given(HOLD_AT).map(OptionalInt::of).orElse(OptionalInt.empty()));
  }
}
