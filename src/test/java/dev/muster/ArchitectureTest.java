package dev.muster;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Holds the import table of the ground plan, as docs/adr/0003 departs from it. */
@Execution(ExecutionMode.CONCURRENT)
class ArchitectureTest {
  private static final String ROOT = "dev.muster.";

  /** What each package may use besides itself and the kernel packages beneath it. */
  private static final Map<String, List<String>> MAY_USE =
      Map.ofEntries(
          Map.entry("kernel.clock", List.of()),
          Map.entry("kernel.tracing", List.of()),
          Map.entry("kernel.store", List.of()),
          Map.entry("kernel.home", List.of()),
          Map.entry("kernel.http", List.of("kernel.store", "kernel.tracing")),
          Map.entry("kernel.supervision", List.of("kernel.clock")),
          Map.entry("kernel.audit", List.of("kernel.store")),
          Map.entry("kernel.notice", List.of("kernel.store")),
          Map.entry("kernel.queue", List.of("kernel.store", "kernel.clock", "kernel.tracing")),
          Map.entry(
              "kernel.reconcile",
              List.of("kernel.store", "kernel.queue", "kernel.clock", "kernel.tracing")),
          Map.entry("kernel.access", List.of("kernel.store", "kernel.audit", "kernel.http")),
          Map.entry("kernel.backup", List.of("kernel")),
          Map.entry("kernel.retention", List.of("kernel")),
          Map.entry("kernel.aws", List.of("kernel.tracing")),
          Map.entry(
              "fleet.region",
              List.of(
                  "fleet.spec",
                  "fleet.job",
                  "fleet.runner",
                  "fleet.compute",
                  "fleet.cost",
                  "fleet.github",
                  "kernel")),
          Map.entry(
              "kernel.replication",
              List.of(
                  "kernel.store",
                  "kernel.notice",
                  "kernel.reconcile",
                  "kernel.clock",
                  "kernel.tracing")),
          Map.entry(
              "kernel.replication.aws",
              List.of("kernel.replication", "kernel.reconcile", "kernel.aws")),
          Map.entry("config", List.of("kernel")),
          Map.entry("config.git", List.of("config", "kernel")),
          Map.entry("config.aws", List.of("config", "kernel")),
          Map.entry("webhook", List.of("kernel", "config")),
          Map.entry("webhook.aws", List.of("webhook", "kernel")),
          Map.entry("agentlink", List.of("kernel", "agent.protocol")),
          Map.entry("fleet.spec", List.of("config", "kernel")),
          Map.entry("fleet.job", List.of("fleet.spec", "kernel")),
          Map.entry("fleet.schedule", List.of("fleet.spec", "kernel")),
          Map.entry("fleet.compute", List.of("fleet.spec", "kernel")),
          Map.entry("fleet.compute.local", List.of("fleet.compute", "fleet.spec", "kernel")),
          Map.entry("fleet.compute.ec2", List.of("fleet.compute", "fleet.spec", "kernel")),
          Map.entry(
              "fleet.runner",
              List.of(
                  "fleet.spec",
                  "fleet.job",
                  "fleet.compute",
                  "agentlink",
                  "agent.protocol",
                  "kernel")),
          Map.entry(
              "fleet.cost",
              List.of(
                  "fleet.spec",
                  "fleet.job",
                  "fleet.schedule",
                  "fleet.runner",
                  "fleet.compute",
                  "kernel")),
          Map.entry(
              "fleet.pool",
              List.of(
                  "config",
                  "fleet.spec",
                  "fleet.job",
                  "fleet.cost",
                  "fleet.schedule",
                  "fleet.runner",
                  "fleet.compute",
                  "kernel")),
          Map.entry(
              "fleet.acceptance",
              List.of(
                  "fleet.spec",
                  "fleet.job",
                  "fleet.schedule",
                  "fleet.runner",
                  "fleet.compute",
                  "kernel")),
          Map.entry(
              "fleet.github",
              List.of(
                  "config",
                  "fleet.spec",
                  "fleet.job",
                  "fleet.runner",
                  "fleet.acceptance",
                  "webhook",
                  "kernel")),
          Map.entry("infra", List.of("fleet.spec", "kernel")),
          Map.entry("infra.aws", List.of("infra", "fleet.spec", "kernel")),
          Map.entry("operator", List.of("config", "fleet", "webhook", "kernel")),
          Map.entry("status", List.of("config", "fleet", "webhook", "kernel")),
          Map.entry("tracing", List.of("config", "fleet", "webhook", "kernel")),
          Map.entry("sandbox", List.of("kernel")),
          // Its benchmarks speak as agents do.
          Map.entry(
              "cli",
              List.of(
                  "config",
                  "fleet",
                  "infra",
                  "kernel",
                  "sandbox",
                  "operator",
                  "status",
                  "agent.protocol")));

  private static JavaClasses muster;

  @BeforeAll
  static void load() {
    muster =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("dev.muster");
  }

  @Test
  void packagesUseOnlyWhatTheTableAllows() {
    Map<String, TreeSet<String>> violations = new TreeMap<>();
    for (JavaClass type : muster) {
      String from = roomOf(type);
      if (from.isEmpty() || from.startsWith("agent.")) {
        continue;
      }
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (!target.getName().startsWith(ROOT)) {
          continue;
        }
        String to = roomOf(target);
        if (to.isEmpty() ? !from.equals("cli") : !allowed(from, to)) {
          violations
              .computeIfAbsent(
                  from + " -> " + (to.isEmpty() ? "the composition root" : to),
                  k -> new TreeSet<>())
              .add(type.getSimpleName() + " uses " + target.getSimpleName());
        }
      }
    }
    assertThat(violations).as("see the table in this test").isEmpty();
  }

  private static boolean allowed(String from, String to) {
    return within(to, from)
        || MAY_USE.getOrDefault(from, List.of()).stream().anyMatch(prefix -> within(to, prefix));
  }

  private static boolean within(String room, String prefix) {
    return room.equals(prefix) || room.startsWith(prefix + ".");
  }

  /** The package's entry in the table: its own, or that of the nearest package above it. */
  private static String roomOf(JavaClass type) {
    String name = type.getPackageName();
    if (!name.startsWith(ROOT)) {
      return "";
    }
    String room = name.substring(ROOT.length());
    for (String known = room; ; known = known.substring(0, known.lastIndexOf('.'))) {
      if (MAY_USE.containsKey(known) || known.lastIndexOf('.') < 0) {
        return MAY_USE.containsKey(known) ? known : room;
      }
    }
  }

  @Test
  void packagesFormNoCycles() {
    slices().matching("dev.muster.(**)").should().beFreeOfCycles().check(muster);
  }

  @Test
  void databaseIsKnownToTheStoreAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.muster.kernel.store")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.sql..", "javax.sql..", "org.h2..", "org.flywaydb..")
        .check(muster);
  }

  @Test
  void gitIsKnownToOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.muster.config.git")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.eclipse.jgit..")
        .check(muster);
  }

  @Test
  void awsIsKnownToItsPackagesAlone() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.muster..aws", "dev.muster..ec2")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon.awssdk..")
        .check(muster);
  }

  @Test
  void openTelemetryIsKnownToOnePackage() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.muster.kernel.tracing.otel")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.opentelemetry..")
        .check(muster);
  }

  @Test
  void signedDocumentsAreReadByOneClass() {
    noClasses()
        .that()
        .doNotHaveFullyQualifiedName("dev.muster.fleet.compute.ec2.SignedDocument")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("org.bouncycastle..")
        .check(muster);
  }

  @Test
  void webServerIsKnownToRoutesAlone() {
    noClasses()
        .that(
            describe(
                "are no *Routes, of kernel.http, the sandbox or the Appliance",
                type -> !maySpeakHttp(type)))
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.helidon..")
        .check(muster);
  }

  private static boolean maySpeakHttp(JavaClass type) {
    return type.getName().matches(".*Routes(\\$.*)?")
        || type.getPackageName().equals("dev.muster.kernel.http")
        || type.getPackageName().equals("dev.muster.sandbox")
        || type.getName().startsWith("dev.muster.Appliance")
        || type.getName().matches(".*(Read|Environment)Guard(\\$.*)?");
  }

  @Test
  void timeAndEnvironmentComeFromMain() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.muster.cli.bench", "dev.muster.agent..")
        .and()
        .doNotHaveFullyQualifiedName("dev.muster.Main")
        .and()
        .doNotHaveFullyQualifiedName("dev.muster.sandbox.SandboxRunner") // a program of its own
        .should()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(InstantSource.class, "system")
        .orShould()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(muster);
  }
}
