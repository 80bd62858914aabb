package dev.muster.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.logging.Level;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.openqa.selenium.By;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;
import org.openqa.selenium.support.ui.FluentWait;

/** The machine's own headless Chromium; what it says and asks for is kept. */
final class Browser implements AutoCloseable {
  private static final Pattern REQUEST =
      Pattern.compile("\"method\":\"Network.requestWillBeSent\".*?\"url\":\"([^\"]+)\"");

  private final ChromeDriver driver;

  private Browser(ChromeDriver driver) {
    this.driver = driver;
  }

  /** Why there is none on this machine; empty where there is. */
  static Optional<String> missing() {
    return program("chromium", "chromium-browser", "google-chrome").isEmpty()
        ? Optional.of("no chromium on this machine")
        : program("chromedriver").isEmpty()
            ? Optional.of("no chromedriver on this machine")
            : Optional.empty();
  }

  static Browser open() {
    ChromeOptions options = new ChromeOptions();
    options.setBinary(program("chromium", "chromium-browser", "google-chrome").orElseThrow());
    options.addArguments("--headless=new", "--no-sandbox", "--disable-gpu", "--lang=en-GB");
    LoggingPreferences logs = new LoggingPreferences();
    logs.enable(LogType.BROWSER, Level.ALL);
    logs.enable(LogType.PERFORMANCE, Level.ALL);
    options.setCapability("goog:loggingPrefs", logs);
    ChromeDriverService service =
        new ChromeDriverService.Builder()
            .usingDriverExecutable(Path.of(program("chromedriver").orElseThrow()).toFile())
            .usingAnyFreePort()
            .build();
    return new Browser(new ChromeDriver(service, options));
  }

  private static Optional<String> program(String... names) {
    return Stream.of(names)
        .flatMap(name ->
            Stream.of(System.getenv("PATH").split(":"))
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable))
        .map(Path::toString)
        .findFirst();
  }

  ChromeDriver driver() {
    return driver;
  }

  void look(int width, int height, boolean dark) {
    driver.executeCdpCommand(
        "Emulation.setDeviceMetricsOverride",
        Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
    driver.executeCdpCommand(
        "Emulation.setEmulatedMedia",
        Map.of(
            "features",
            List.of(
                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
  }

  void open(URI url) {
    driver.get(url.toString());
  }

  WebElement find(String css) {
    return driver.findElement(By.cssSelector(css));
  }

  String text(String css) {
    return find(css).getText();
  }

  /** Waits until the element's text holds {@code part}. */
  void await(String css, String part) {
    new FluentWait<>(driver)
        .withTimeout(Duration.ofSeconds(40))
        .pollingEvery(Duration.ofMillis(100))
        .ignoring(RuntimeException.class)
        .withMessage(() -> css + " says '" + text(css) + "', not '" + part + "'")
        .until(d -> text(css).contains(part));
  }

  /** Waits until the page draws nothing of this kind any more. */
  void awaitNone(String css) {
    new FluentWait<>(driver)
        .withTimeout(Duration.ofSeconds(40))
        .pollingEvery(Duration.ofMillis(100))
        .withMessage(() -> css + " is still there")
        .until(d -> d.findElements(By.cssSelector(css)).isEmpty());
  }

  @Nullable Object script(String code) {
    return driver.executeScript(code);
  }

  /** What has the focus after each press of the tab key. */
  List<String> tabStops(int count) {
    return Stream.generate(
            () -> {
              driver.switchTo().activeElement().sendKeys("\t");
              return String.valueOf(
                  driver.executeScript("return document.activeElement.textContent.trim()"));
            })
        .limit(count)
        .toList();
  }

  void shoot(Path file) throws Exception {
    Map<String, Object> shot =
        driver.executeCdpCommand(
            "Page.captureScreenshot", Map.of("captureBeyondViewport", true, "format", "png"));
    Files.createDirectories(file.getParent());
    Files.write(file, Base64.getDecoder().decode(String.valueOf(shot.get("data"))));
  }

  /** What {@link #assertQuiet} looks at begins now. */
  void forgetLogs() {
    driver.manage().logs().get(LogType.BROWSER);
    driver.manage().logs().get(LogType.PERFORMANCE);
  }

  /** Nothing was complained about, and nothing was asked of anybody but {@code base}. */
  void assertQuiet(URI base) {
    assertThat(driver.manage().logs().get(LogType.BROWSER).getAll()).isEmpty();
    assertThat(
            driver.manage().logs().get(LogType.PERFORMANCE).getAll().stream()
                .flatMap(entry -> requests(entry.getMessage())))
        .isNotEmpty()
        .allMatch(url -> url.startsWith(base.toString()), "stays on " + base);
  }

  private static Stream<String> requests(String message) {
    Matcher request = REQUEST.matcher(message);
    return message.contains("\"Network.requestWillBeSent\"") && message.contains("\"url\"")
        ? Pattern.compile("\"request\":\\{.*?\"url\":\"([^\"]+)\"")
            .matcher(message)
            .results()
            .map(r -> r.group(1))
            .filter(url -> !url.startsWith("data:"))
        : request.results().map(r -> r.group(1));
  }

  @Override
  public void close() {
    driver.quit();
  }
}
