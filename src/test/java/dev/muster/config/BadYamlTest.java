package dev.muster.config;

import static dev.muster.config.Configs.load;
import static dev.muster.config.Configs.problems;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class BadYamlTest {
  @Test
  void sayThatVersionIsMissingInAnEmptyFile() {
    String missing = "muster.yml:1:1: error: version is missing (begin with version: \"1\")";
    assertThat(problems("")).containsExactly(missing);
    assertThat(problems("# nothing yet\n")).containsExactly(missing);
    assertThat(problems("---\n")).containsExactly(missing);
    assertThat(problems("\uFEFF")).containsExactly(missing);
  }

  @Test
  void refuseTabs() {
    assertThat(problems("version: '1'\ndefaults:\n\tregion: x\n"))
        .containsExactly(
            "muster.yml:3:1: error: not YAML: found character '\\t(TAB)' that cannot start any"
                + " token. (indent with spaces, not with tabs)");
  }

  @Test
  void refuseDuplicateKeysAndReadOn() {
    assertThat(problems("version: '1'\ndefaults:\n  region: a\n  region: b\nversoin: 2\n"))
        .containsExactly(
            "muster.yml:4:3: error: the key \"region\" is given twice (first on line 3)",
            "muster.yml:5:1: error: unknown key \"versoin\" of the config (did you mean"
                + " \"version\"?)");
  }

  @Test
  void refuseCustomTags() {
    assertThat(problems("version: '1'\npools: !!javax.script.ScriptEngineManager [x]\n"))
        .containsExactly(
            "muster.yml:2:8: error: custom tags are not allowed (remove the word that begins with"
                + " !)");
    assertThat(problems("version: !mine '1'\n")).hasSize(1);
    assertThat(problems("version: !!str 1\n")).isEmpty();
  }

  @Test
  void refuseMoreThanFiftyAliases() {
    String fifty = "version: &v '1'\nrunners:\n- name: a\n  labels: [" + "*v,".repeat(50) + "]\n";
    assertThat(problems(fifty)).isEmpty();
    assertThat(problems(fifty.replace("[*v", "[*v,*v")))
        .containsExactly("muster.yml:4:162: error: more than 50 aliases (write the values out)");
  }

  @Test
  void refuseAliasesThatExplode() {
    StringBuilder bomb = new StringBuilder("version: '1'\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for (int i = 1; i < 9; i++) {
      String ten = ("*a" + (i - 1) + ",").repeat(5);
      bomb.append("a%d: &a%d [%s]\n".formatted(i, i, ten));
    }
    assertThat(problems(bomb.toString()))
        .containsExactly(
            "muster.yml:7:14: error: aliases multiply to more than 20,000 values (write the values"
                + " out)");
  }

  @Test
  void refuseCycles() {
    assertThat(problems("version: '1'\npools: &p\n  - name: a\n    schedules: *p\n"))
        .containsExactly(
            "muster.yml:4:16: error: the alias stands inside of what it names (a value cannot hold itself)");
  }

  @Test
  void refuseASecondDocument() {
    assertThat(problems("version: '1'\n---\nversion: '1'\n"))
        .containsExactly(
            "muster.yml:2:1: error: the file has a second document (keep one document a file; more"
                + " files go to muster.d/)");
  }

  @Test
  void refuseMoreThanOneMebibyte() {
    byte[] large = new byte[2 * 1024 * 1024];
    Arrays.fill(large, (byte) '#');
    assertThat(problems(load(large)))
        .containsExactly(
            "muster.yml:0:0: error: the file has 2,097,152 bytes, more than 1 MiB (spread it over"
                + " files in muster.d/)");
  }

  @Test
  void acceptExactlyOneMebibyte() {
    String start = "version: '1'\n#";
    String filled = start + "x".repeat(1024 * 1024 - start.length());
    assertThat(problems(filled)).isEmpty();
  }

  @Test
  void refuseWhatIsNotUtf8() {
    byte[] latin = "version: '1'\n# gr\u00fcn".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(problems(load(latin)))
        .containsExactly("muster.yml:2:5: error: the file is not UTF-8 (save it as UTF-8)");
    assertThat(problems(load("version: '1'\n".getBytes(StandardCharsets.UTF_16)))).hasSize(1);
    assertThat(problems(load(new byte[] {'a', (byte) 0xC3})))
        .containsExactly("muster.yml:1:2: error: the file is not UTF-8 (save it as UTF-8)");
  }

  @Test
  void refuseControlCharacters() {
    assertThat(problems("version: '1'\n# \u0007\n"))
        .containsExactly(
            "muster.yml:2:3: error: the file has the control character U+0007 (YAML is text; write"
                + " it as an escape in double quotes)");
  }

  @Test
  void refuseDeepNestingAtOnce() {
    assertThat(problems("version: '1'\npools: " + "[".repeat(500_000)))
        .containsExactly(
            "muster.yml:2:39: error: nested more than 32 levels deep (no key is that deep)");
  }

  @Test
  void refuseMergeKeysAndKeysThatAreNotWords() {
    assertThat(problems("version: '1'\ndefaults:\n  <<: { region: a }\n"))
        .containsExactly(
            "muster.yml:3:3: error: defaults: merge keys are not YAML 1.2 (write the keys out)");
    assertThat(problems("version: '1'\n? [a]\n: b\n"))
        .containsExactly("muster.yml:2:3: error: a key is a list or a map (keys are single words)");
  }

  @Test
  void refuseOtherVersionsOfYamlAndBrokenSyntax() {
    assertThat(problems("%YAML 3.0\n---\nversion: '1'\n"))
        .containsExactly("muster.yml:1:1: error: not YAML 1.2 (remove the %YAML line)");
    assertThat(problems("version: '1'\npools: [a\n"))
        .containsExactly(
            "muster.yml:3:1: error: not YAML: expected ',' or ']', but got <stream end>");
    assertThat(problems("version: '1'\ndefaults: a: b\n"))
        .containsExactly(
            "muster.yml:2:12: error: not YAML: mapping values are not allowed here (check the"
                + " indentation; quote a value that has a colon in it)");
    assertThat(problems("version: '1'\npools: *nowhere\n"))
        .containsExactly(
            "muster.yml:2:8: error: the alias names no anchor (anchors stand before their aliases; quote a"
                + " value that begins with *)");
    assertThat(problems("- version\n"))
        .containsExactly(
            "muster.yml:1:1: error: expected the config, found a list (keys with values)");
  }

  @Test
  void countColumnsInCharactersWithByteOrderMarkAndCrLf() {
    assertThat(
            problems(
                "\uFEFFversoin: '1'\r\nversion: '1'\r\ndefaults: { region: 1, regoin: 2 }\r\n"))
        .containsExactly(
            "muster.yml:1:1: error: unknown key \"versoin\" of the config (did you mean"
                + " \"version\"?)",
            "muster.yml:3:24: error: defaults: unknown key \"regoin\" of defaults (did you mean"
                + " \"region\"?)");
    assertThat(problems("version: '1'\r\n\"\uD83D\uDE80\": { a: 1 }\r\n"))
        .containsExactly(
            "muster.yml:2:1: error: unknown key \"\uD83D\uDE80\" of the config (known here:"
                + " version, retention, failover, github, defaults, environments, runners, pools)");
  }

  @Test
  void neverQuoteWhatMayBeASecret() {
    for (String secret :
        List.of(
            "*hunter2",
            "!hunter2",
            "!hunter2!x",
            "&hunter2 x",
            "%hunter2",
            "@hunter2",
            "`hunter2")) {
      assertThat(problems("version: '1'\ngithub: { webhook_secret: " + secret + " }\n"))
          .isNotEmpty()
          .noneMatch(problem -> problem.contains("hunter2"));
    }
  }

  @Test
  void keepProblemsPrintableAndShort() {
    assertThat(problems("version: '1'\n\"a\\e[31m\\nb\": 1\n"))
        .singleElement()
        .asString()
        .startsWith("muster.yml:2:1: error: unknown key \"a\uFFFD[31m\uFFFDb\" of the config (");
    assertThat(problems("version: '1'\n? " + "x".repeat(100_000) + "\n: 1\n"))
        .singleElement()
        .asString()
        .hasSizeLessThan(1_000);
  }

  @Test
  void countWhatComesAfterAThousandProblems() {
    assertThat(problems("version: '1'\npools: [" + "x,".repeat(5_000) + "]"))
        .hasSize(1_001)
        .last()
        .isEqualTo("muster.yml:0:0: error: 4,000 more problems (mend these first)");
  }

  @Test
  void refusesEveryFileThatIsMeantToBeSlow() {
    // How long it takes is for the benchmark to say; here it must end, and with few problems.
    for (String text :
        List.of(
            "version: '1'\npools: [" + "{a: [".repeat(100_000),
            "version: '1'\n" + "- ".repeat(400_000),
            "version: '1'\n" + "? ".repeat(400_000),
            "a: \"" + "\\n".repeat(400_000) + "\"",
            "version: '1'\npools: [" + "x,".repeat(500_000) + "]")) {
      assertThat(problems(text)).isNotEmpty().hasSizeLessThanOrEqualTo(1_001);
    }
  }
}
