package dev.muster.fleet.spec;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Environments, with what a test is about; the rest is as of one with nothing but a name. */
public final class Environments {
  private final String name;
  private List<String> repositories;
  private Optional<String> role = Optional.empty();
  private final Map<String, EnvironmentSpec.Network> regions = new HashMap<>();
  private EnvironmentSpec.Allow allow;
  private Optional<EnvironmentSpec.Budget> budget = Optional.empty();
  private Map<String, String> tags = Map.of();

  private Environments(EnvironmentSpec bare) {
    this.name = bare.name();
    this.repositories = bare.repositories();
    this.allow = bare.allow();
  }

  public static Environments named(String name) {
    return new Environments(EnvironmentSpec.named(name));
  }

  public Environments repositories(String... patterns) {
    repositories = List.of(patterns);
    return this;
  }

  public Environments role(Optional<String> value) {
    role = value;
    return this;
  }

  public Environments region(String region) {
    return region(region, List.of(), List.of(), Optional.empty());
  }

  public Environments region(
      String region, List<String> subnets, List<String> groups, Optional<String> profile) {
    regions.put(region, new EnvironmentSpec.Network(Optional.empty(), subnets, groups, profile));
    return this;
  }

  public Environments allow(boolean publicRepositories, boolean forks) {
    allow = new EnvironmentSpec.Allow(publicRepositories, forks);
    return this;
  }

  public Environments budget(EnvironmentSpec.Budget value) {
    budget = Optional.of(value);
    return this;
  }

  public Environments tags(Map<String, String> value) {
    tags = value;
    return this;
  }

  public EnvironmentSpec spec() {
    return new EnvironmentSpec(
        name,
        repositories,
        role,
        regions,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        allow,
        budget,
        tags);
  }
}
