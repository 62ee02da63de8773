/// The cart of the shop.
library shop.cart;

import 'dart:async';
import 'package:meta/meta.dart';
part 'cart.g.dart';

/// Most items of a cart.
const int maxItems = 99;
final _log = StringBuffer();

typedef Price = int Function(Item item);

enum Status {
  open('Open'),
  paid('Paid');

  const Status(this.label);
  final String label;
}

/// One line of a cart.
@immutable
class Item {
  const Item(this.sku, {required this.count, this.note});
  Item.single(String sku) : this(sku, count: 1);
  factory Item.fromJson(Map<String, dynamic> json) => Item(json['sku'] as String, count: 1);

  final String sku;
  final int count;
  final String? note;

  bool get isSingle => count == 1;

  Item operator +(Item other) => Item(sku, count: count + other.count);
}

mixin Observed on Object {
  final _changes = StreamController<void>();
  Stream<void> get changes => _changes.stream;
}

abstract class Store<T extends Object> {
  Future<T?> load(String id);
  static Store<Item> open() => throw UnimplementedError();
}

class Cart extends Store<Item> with Observed implements Comparable<Cart> {
  late final List<Item> _items = [];
  int total = 0;

  set discount(int percent) {
    total -= total * percent ~/ 100;
  }

  @override
  Future<Item?> load(String id) async {
    int find(Item item) => item.count;
    return _items.isEmpty ? null : _items.first;
  }

  @override
  int compareTo(Cart other) => total - other.total;
}

extension CartText on Cart {
  String describe() => '$total';
}

/// Sums the prices of items.
int sum(Iterable<Item> items, Price price) {
  return items.fold(0, (sum, item) => sum + price(item));
}

void main(List<String> arguments) => print(sum(const [], (item) => 1));
