package io.rowbell.examples.demo;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Random;
import java.util.TreeMap;

/**
 * A stock market in one table: each step is one transaction that changes a price. Some transactions
 * are rolled back, so that one can see that nothing comes of them. Counts which alerts the rules
 * ought to make of what was committed. For one thread.
 */
final class Market implements AutoCloseable {
  private static final BigDecimal LIMIT = new BigDecimal(100);
  private static final BigDecimal PERCENT = new BigDecimal(5);

  private final Connection connection;
  private final PreparedStatement update;
  private final Random random;
  private final TreeMap<Integer, BigDecimal> prices = new TreeMap<>();
  private final TreeMap<Integer, Boolean> halted = new TreeMap<>();
  private long committed;
  private long rolledBack;
  private long expectedAlerts;

  /**
   * @param connection is closed with the market
   */
  Market(Connection connection, long seed) throws SQLException {
    this.connection = connection;
    this.random = new Random(seed);
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT id, price, halted FROM stocks")) {
      while (row.next()) {
        prices.put(row.getInt(1), row.getBigDecimal(2));
        halted.put(row.getInt(1), row.getBoolean(3));
      }
    }
    connection.setAutoCommit(false);
    update = connection.prepareStatement("UPDATE stocks SET price = ?, halted = ? WHERE id = ?");
  }

  /** One transaction. */
  void step() throws SQLException {
    int id = 1 + random.nextInt(prices.size());
    BigDecimal before = price(id);
    boolean jump = random.nextInt(25) == 0;
    double percent = jump ? 5 + 4 * random.nextDouble() : random.nextDouble();
    // Prices that wander off come back, so that the market can go on for ever.
    boolean up = before.doubleValue() < 20 || (before.doubleValue() < 400 && random.nextBoolean());
    BigDecimal after =
        before
            .multiply(BigDecimal.valueOf(100 + (up ? percent : -percent)))
            .divide(LIMIT, 2, RoundingMode.HALF_UP);
    boolean wasHalted = Boolean.TRUE.equals(halted.get(id));
    boolean isHalted = wasHalted ? random.nextInt(3) != 0 : random.nextInt(200) == 0;
    update.setBigDecimal(1, after);
    update.setBoolean(2, isHalted);
    update.setInt(3, id);
    update.executeUpdate();
    if (random.nextInt(10) == 0) {
      connection.rollback();
      rolledBack++;
      return;
    }
    connection.commit();
    committed++;
    prices.put(id, after);
    halted.put(id, isHalted);
    expect(before, after, !wasHalted && isHalted);
  }

  private void expect(BigDecimal before, BigDecimal after, boolean newlyHalted) {
    BigDecimal hundredfold = after.subtract(before).abs().multiply(LIMIT);
    if (hundredfold.compareTo(before.multiply(PERCENT)) >= 0) {
      expectedAlerts++;
    }
    if (before.compareTo(LIMIT) <= 0 && after.compareTo(LIMIT) > 0) {
      expectedAlerts++;
    }
    if (newlyHalted) {
      expectedAlerts++;
    }
  }

  private BigDecimal price(int id) {
    BigDecimal price = prices.get(id);
    if (price == null) {
      throw new IllegalStateException("the stocks are numbered from 1: " + prices.keySet());
    }
    return price;
  }

  long committed() {
    return committed;
  }

  long rolledBack() {
    return rolledBack;
  }

  /** How many alerts the rules ought to make of what was committed. */
  long expectedAlerts() {
    return expectedAlerts;
  }

  @Override
  public void close() throws SQLException {
    update.close();
    connection.close();
  }
}
