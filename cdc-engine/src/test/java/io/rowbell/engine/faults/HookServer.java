package io.rowbell.engine.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.rowbell.testkit.JournalEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A receiver of webhooks that behaves as receivers do, chosen by a seed; until {@link #heal}. */
final class HookServer implements AutoCloseable {
  private static final int MOST_HANGS = 4;

  /** After so many requests each answer is given once, whatever the seed. */
  private static final int ORDERLY_AT_FIRST = 10;

  private static final Pattern EVENT =
      Pattern.compile(
          "\\{\"specversion\":\"1.0\",\"id\":\"([^\"]+)\".*?\"type\":\"([^\"]+)\",\"subject\":\"([^\"]+)\".*?,\"data\":(.*)}",
          Pattern.DOTALL);

  /** What becomes of a request. */
  enum Answer {
    TAKEN(200),
    FAILS(500),
    BUSY(429),
    REDIRECTS(302),
    HANGS(0);

    final int status;

    Answer(int status) {
      this.status = status;
    }
  }

  /**
   * One request.
   *
   * @param life how many engines there were before
   */
  record Attempt(String id, Answer answer, int life, long nanos) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Random random;
  private final List<Attempt> attempts = new ArrayList<>();
  private final Map<String, JournalEvent> taken = new LinkedHashMap<>();
  private final List<String> strays = new ArrayList<>();
  private boolean healed;
  private int hangs;
  private int life;

  HookServer(long seed) throws IOException {
    random = new Random(seed);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/hook";
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
      String id = exchange.getRequestHeaders().getFirst("webhook-id");
      Matcher event = EVENT.matcher(body);
      if (!exchange.getRequestURI().getPath().equals("/hook")
          || !event.matches()
          || !event.group(1).equals(id)) {
        synchronized (this) {
          strays.add(exchange.getRequestURI() + " " + id + " " + body);
        }
        return;
      }
      Answer answer = take(new JournalEvent(id, event.group(2), event.group(3), event.group(4)));
      if (answer == Answer.HANGS) {
        boolean unused = closed.await(1, TimeUnit.MINUTES);
        return;
      }
      if (answer == Answer.BUSY) {
        exchange.getResponseHeaders().set("Retry-After", "1");
      }
      if (answer == Answer.REDIRECTS) {
        exchange.getResponseHeaders().set("Location", "/elsewhere");
      }
      exchange.sendResponseHeaders(answer.status, -1);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Answer take(JournalEvent event) {
    Answer answer = choose();
    attempts.add(new Attempt(event.id(), answer, life, System.nanoTime()));
    if (answer == Answer.TAKEN) {
      JournalEvent unused = taken.putIfAbsent(event.id(), event);
    }
    return answer;
  }

  private Answer choose() {
    int sinceFirst = attempts.size() - ORDERLY_AT_FIRST;
    if (!healed && sinceFirst >= 0 && sinceFirst < Answer.values().length) {
      return Answer.values()[sinceFirst];
    }
    int chance = healed ? 100 : random.nextInt(100);
    if (chance < 2 && hangs < MOST_HANGS) {
      hangs++;
      return Answer.HANGS;
    }
    return chance < 10
        ? Answer.FAILS
        : chance < 14 ? Answer.BUSY : chance < 18 ? Answer.REDIRECTS : Answer.TAKEN;
  }

  /** Another engine is about to start. */
  synchronized void nextLife() {
    life++;
  }

  /** From now on it takes everything. */
  synchronized void heal() {
    healed = true;
  }

  synchronized List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  /** What it took, each event where it came first: what a receiver has that drops repeats. */
  synchronized List<JournalEvent> taken() {
    return List.copyOf(taken.values());
  }

  /** Requests that should not have come. */
  synchronized List<String> strays() {
    return List.copyOf(strays);
  }

  @Override
  public void close() {
    closed.countDown();
    server.stop(0);
    threads.shutdownNow();
  }
}
