-- | The module.
module Data.Foo (bar, Baz(..)) where
import qualified Data.Map as M
-- | Does bar.
bar :: Int -> Int
bar x = x + 1
bar 0 = 2
data Baz a = One { field :: a } | Two Int deriving (Show)
newtype N = N { unN :: Int }
type S = String
class Show a => Pretty a where
  pretty :: a -> String
instance Pretty Int where
  pretty = show
(<+>) :: Int -> Int -> Int
a <+> b = a
