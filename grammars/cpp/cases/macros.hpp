// Macros in mixed case, calls on lines of their own, Qt.
#pragma once

class MyLibExport Two : public Base
{
public:
  explicit Two(int a);
  void run(const char *s);
};
class mylib_export Three { public: void m(); int f; };
class Next { public: void m(); };
class MyLib_API(2) Four final : public Next { int x; };
class [[nodiscard]] alignas(16) mylib_export Five { int y; };
struct alignas(8) mylibExport Six { int z; };
class Seven MYLIB_FINAL : public Next { void n(); };
enum class [[nodiscard]] mylib_export Mode : int { on, off };
namespace mylib_visible deep { int inside(); }
template <class T> class mylib_export Eight<T*> : Next { T t; };
class mylib_export Forward;
struct point origin;

mylib_export void exported(int x);
mylib_export Two *made(const char *name) mylib_noexcept;
MyLib_API(int) typed(void);
mylib_export extern int counter;
extern "C" mylib_export Two shared();
Two mylib_call called(int a);
typedef void (mylib_call *handler)(int code);

GEN(alpha)
GEN(beta)

int real_one(void);
declare_thing(first)
declare_thing(second)
class After {
  DECLARE_THING(After)
  declare_member(x)
  int kept;
  After(int a)
    MYLIB_GUARDED;
  DECLARE_LAST(After)
};

class Panel : public QWidget {
    Q_OBJECT
    Q_PROPERTY(int size READ size WRITE setSize NOTIFY sizeChanged)
    Q_CLASSINFO("Iface", "org")
    QML_ELEMENT
public:
    Q_INVOKABLE void act();
    void show();
    Q_ENUM(Mode)
    explicit Panel(QWidget *parent = nullptr);
    ~Panel() override;
public slots:
    void slotted();
signals:
    void signalled(int value);
private Q_SLOTS:
    void hiddenSlot();
Q_SIGNALS:
    void also();
private:
    Q_DISABLE_COPY(Panel)
    Q_DECLARE_PRIVATE(Panel)
    int m_size = 0;
};
Q_DECLARE_METATYPE(Panel)
Q_DECLARE_OPERATORS_FOR_FLAGS(Panel::Options)

struct Converts {
  operator bool() const;
  operator std::string() const;
  explicit operator const char *() const noexcept;
  virtual inline operator int() const = 0;
  template <class T> operator std::vector<T>&();
  MYLIB_API operator double();
  operator unsigned long() const { return 1; }
};
inline Converts::operator bool() const { return true; }
constexpr ns::Converts::operator int() const { return 42; }
template <class T> inline Box<T>::operator const T&() const { return value; }
A::operator std::string() const { return ""; }

const char *query = R"------------sql-(x "quoted" )------------sql-";
int after_query() { return 1; }
