package dev.muster.kernel.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.muster.kernel.http.HttpProblem;
import dev.muster.kernel.store.StoreFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokensTest {
  private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

  private final Tokens tokens = new Tokens();
  @AutoClose private final StoreFixture store;

  TokensTest(@TempDir Path folder) {
    store = StoreFixture.open(folder);
  }

  @Test
  void createdTokenIsFoundByItsValueAndNotByItsId() {
    Tokens.Created created = create("ci", Role.PUSH);
    assertThat(created.value()).startsWith(Tokens.MARK).hasSizeGreaterThan(45);
    assertThat(find(created.value())).contains(new Principal(created.id(), "ci", Role.PUSH));
    assertThat(find(created.id())).isEmpty();
    assertThat(find("")).isEmpty();
    assertThat(find(created.value() + "x")).isEmpty();
  }

  @Test
  void revokedTokenIsFoundNoMoreAndStaysListed() {
    Tokens.Created created = create("ci", Role.ADMIN);
    assertThat(store.<Boolean>read(Tokens::anyAdmin)).isTrue();
    assertThat(revoke(created.id())).isTrue();
    assertThat(revoke(created.id())).as("a second time").isFalse();
    assertThat(revoke("t-nosuch")).isFalse();
    assertThat(find(created.value())).isEmpty();
    assertThat(store.<Boolean>read(Tokens::anyAdmin)).isFalse();
    assertThat(store.read(Tokens::list).getFirst().revokedAt()).contains(NOW);
  }

  @Test
  void neitherTheDatabaseNorALogLineHoldsTheValue() {
    Tokens.Created created = create("ci", Role.READ);
    assertThat(created.toString()).doesNotContain(created.value());
    Optional<String> row =
        store.read(read ->
            read.first(
                "select id || name || role || rawtohex(hash) t from token", r -> r.text("t")));
    assertThat(row.orElseThrow()).doesNotContain(created.value());
  }

  @Test
  void headerCarriesATokenAsBearerOrAsThePasswordOfBasic() {
    assertThat(Tokens.fromHeader("Bearer abc")).contains("abc");
    assertThat(Tokens.fromHeader("bearer  abc ")).contains("abc");
    assertThat(Tokens.fromHeader(basic("anyone:abc"))).contains("abc");
    assertThat(Tokens.fromHeader(basic(":a:b"))).contains("a:b");
    assertThat(Tokens.fromHeader(basic("nocolon"))).isEmpty();
    assertThat(Tokens.fromHeader("Basic !!!")).isEmpty();
    assertThat(Tokens.fromHeader("Digest abc")).isEmpty();
    assertThat(Tokens.fromHeader("abc")).isEmpty();
    assertThat(Tokens.fromHeader(null)).isEmpty();
    assertThat(Tokens.fromHeader("Bearer " + "x".repeat(2_000))).isEmpty();
  }

  @Test
  void roleIncludesTheOnesBelowIt() {
    Access access = new Access(store.database(), "local-secret");
    String push = "Bearer " + create("ci", Role.PUSH).value();
    assertThat(access.require(push, Role.READ).name()).isEqualTo("ci");
    assertThat(access.require(push, Role.PUSH).name()).isEqualTo("ci");
    assertThatExceptionOfType(HttpProblem.class)
        .isThrownBy(() -> access.require(push, Role.ADMIN))
        .satisfies(problem -> assertThat(problem.body().status()).isEqualTo(403));
    assertThatExceptionOfType(HttpProblem.class)
        .isThrownBy(() -> access.require(null, Role.READ))
        .satisfies(problem -> assertThat(problem.body().status()).isEqualTo(401));
  }

  @Test
  void commandLineOnThisMachineIsAnAdminByItsOwnToken() {
    Access access = new Access(store.database(), "local-secret");
    assertThat(access.require("Bearer local-secret", Role.ADMIN).name()).isEqualTo("command line");
    assertThat(access.principal("Bearer local-secre")).isEmpty();
    assertThat(access.principal("Bearer ")).isEmpty();
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private Tokens.Created create(String name, Role role) {
    return store.write(tx -> tokens.create(tx, name, role, NOW));
  }

  private boolean revoke(String id) {
    return store.write(tx -> Tokens.revoke(tx, id, NOW));
  }

  private Optional<Principal> find(String value) {
    return store.read(read -> Tokens.find(read, value));
  }
}
