package dev.muster.fleet.spec;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where runners run and who may ask for them.
 *
 * @param repositories patterns as {@code acme/*}; a job's repository must match one
 * @param runnerGroup the organisation's runner group to register in; empty for the job's repository
 * @param allow jobs that strangers can influence
 * @param tags on everything that is made there
 */
public record EnvironmentSpec(
    String name,
    List<String> repositories,
    Optional<String> accountRole,
    Map<String, Network> regions,
    Optional<String> tables,
    Optional<String> bucket,
    Optional<String> runnerGroup,
    Allow allow,
    Optional<Budget> budget,
    Map<String, String> tags) {
  public EnvironmentSpec {
    repositories = List.copyOf(repositories);
    regions = Map.copyOf(regions);
    tags = Map.copyOf(tags);
  }

  /** An environment of which the config says no more than its name. */
  public static EnvironmentSpec named(String name) {
    return new EnvironmentSpec(
        name,
        List.of("*/*"),
        Optional.empty(),
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        new Allow(false, false),
        Optional.empty(),
        Map.of());
  }

  /** Whether its patterns name a repository; {@code *} stands for any characters but a slash. */
  public boolean serves(String repository) {
    return repositories.stream().anyMatch(pattern -> matches(pattern, repository));
  }

  private static boolean matches(String pattern, String repository) {
    String regex =
        java.util.Arrays.stream(pattern.split("\\*", -1))
            .map(java.util.regex.Pattern::quote)
            .collect(java.util.stream.Collectors.joining("[^/]*"));
    return java.util.regex.Pattern.compile(regex, java.util.regex.Pattern.CASE_INSENSITIVE)
        .matcher(repository)
        .matches();
  }

  /** A region's network. */
  public record Network(
      Optional<String> vpc,
      List<String> subnets,
      List<String> securityGroups,
      Optional<String> instanceProfile) {
    public Network {
      subnets = List.copyOf(subnets);
      securityGroups = List.copyOf(securityGroups);
    }
  }

  /** Whose code may run. */
  public record Allow(boolean publicRepositories, boolean forks) {}

  /** What a month may cost, in US dollars; percentages of it. */
  public record Budget(int monthlyUsd, List<Integer> alertAtPercent, OptionalInt holdAtPercent) {
    private static final long MICRO_USD_PER_PERCENT = 10_000;

    public Budget {
      alertAtPercent = List.copyOf(alertAtPercent);
    }

    /** So many percent of it, in millionths of a US dollar. */
    public long microUsd(int percent) {
      return MICRO_USD_PER_PERCENT * monthlyUsd * percent;
    }
  }
}
